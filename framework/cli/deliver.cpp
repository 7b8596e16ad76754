#include "framework/cli/run_profiles.hpp"
#include "framework/cli/verbs.hpp"

namespace certctl::cli {

Verb add_deliver(CLI::App& app) {
  auto profiles = std::make_shared<std::vector<std::string>>();
  CLI::App* command =
      app.add_subcommand("deliver", "deliver the active certificate again and pay debts; never asks the CA");
  command->add_option("PROFILE", *profiles, "profiles (default: all)");
  return {command, [profiles](Program& program) {
            return run_profiles(program, *profiles, 0,
                                [](const engine::Context& context, const config::Profile& profile) {
                                  return engine::deliver_again(context, profile);
                                });
          }};
}

}  // namespace certctl::cli
