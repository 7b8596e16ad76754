#include "framework/cli/output.hpp"
#include "framework/cli/run_profiles.hpp"
#include "framework/cli/verbs.hpp"

namespace certctl::cli {
namespace {

struct RollbackArguments {
  std::string profile;
  int generation = 0;
  bool force = false;
};

}  // namespace

Verb add_rollback(CLI::App& app) {
  auto arguments = std::make_shared<RollbackArguments>();
  CLI::App* command = app.add_subcommand("rollback", "make a kept generation the active one, deliver it, and hold it");
  command->add_option("PROFILE", arguments->profile, "profile")->required();
  command->add_option("--to", arguments->generation,
                      "generation (default: the one before the active one; see `history`)");
  command->add_flag("--force", arguments->force, "also to an expired generation");
  return {command, [arguments](Program& program) {
            const config::Profile& profile = require_profile(program, arguments->profile);
            const std::vector<engine::RunReport> reports = {
                engine::roll_back(program.context(), profile, arguments->generation, arguments->force)};
            print_reports(reports, program.options().json, program.options().quiet);
            return exit_code(reports, engine::ExitState::ok);
          }};
}

Verb add_release(CLI::App& app) {
  auto name = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("release", "end the hold that a rollback set");
  command->add_option("PROFILE", *name, "profile")->required();
  return {command, [name](Program& program) {
            const config::Profile& profile = require_profile(program, *name);
            const std::vector<engine::RunReport> reports = {engine::release(program.context(), profile)};
            print_reports(reports, program.options().json, program.options().quiet);
            return exit_code(reports, engine::ExitState::ok);
          }};
}

}  // namespace certctl::cli
