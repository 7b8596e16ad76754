#include "framework/cli/run_profiles.hpp"
#include "framework/cli/verbs.hpp"

namespace certctl::cli {

Verb add_verify(CLI::App& app) {
  auto profiles = std::make_shared<std::vector<std::string>>();
  CLI::App* command = app.add_subcommand("verify", "ask the targets what they really serve");
  command->add_option("PROFILE", *profiles, "profiles (default: all)");
  return {command, [profiles](Program& program) {
            return run_profiles(program, *profiles, 0,
                                [](const engine::Context& context, const config::Profile& profile) {
                                  return engine::verify(context, profile);
                                });
          }};
}

}  // namespace certctl::cli
