#include "framework/cli/run_profiles.hpp"

#include "framework/cli/output.hpp"
#include "framework/engine/parallel.hpp"

namespace certctl::cli {

int run_profiles(Program& program, const std::vector<std::string>& names, int jobs,
                 const std::function<engine::RunReport(const engine::Context&, const config::Profile&)>& verb) {
  engine::ExitState exit = engine::ExitState::ok;
  const engine::Context& context = program.context();
  const auto profiles = engine::in_order_of_run(context, program.choose(names, exit));
  std::vector<engine::RunReport> reports(profiles.size());
  engine::for_each_profile(profiles.size(), jobs > 0 ? jobs : context.settings.jobs,
                           [&](std::size_t i) { reports[i] = verb(context, *profiles[i]); });
  print_reports(reports, program.options().json, program.options().quiet);
  return exit_code(reports, exit);
}

const config::Profile& require_profile(Program& program, const std::string& name) {
  engine::ExitState exit = engine::ExitState::ok;
  const auto profiles = program.choose({name}, exit);
  if (profiles.empty()) {
    throw Failure::never("profile-unknown", "there is no usable profile '" + name + "'", "see `certctl lint`");
  }
  return *profiles.front();
}

}  // namespace certctl::cli
