#include "framework/engine/lives.hpp"

#include "framework/cli/output.hpp"
#include "framework/cli/run_profiles.hpp"
#include "framework/cli/verbs.hpp"

namespace certctl::cli {
namespace {

int done(Program& program, const std::string& line) {
  if (program.options().json) {
    print("{\"schema\": 1, \"done\": true}\n");
  } else if (!program.options().quiet) {
    print_line(line);
  }
  return 0;
}

struct LivesArguments {
  std::string name;
  std::string other;
  bool abandon = false;
};

}  // namespace

Verb add_adopt(CLI::App& app) {
  auto arguments = std::make_shared<LivesArguments>();
  CLI::App* command = app.add_subcommand("adopt", "give the state of a profile that no longer exists to another one");
  command->add_option("OLD", arguments->name, "the orphan (see `status`)")->required();
  command->add_option("NEW", arguments->other, "profile")->required();
  return {command, [arguments](Program& program) {
            engine::adopt_state(program.context(), arguments->name, require_profile(program, arguments->other));
            return done(program, arguments->other + ": has the state of " + arguments->name + " now");
          }};
}

Verb add_forget(CLI::App& app) {
  auto arguments = std::make_shared<LivesArguments>();
  CLI::App* command = app.add_subcommand("forget", "remove the state of a profile; its store stays");
  command->add_option("NAME", arguments->name, "profile or orphan")->required();
  command->add_flag("--abandon", arguments->abandon, "also when a transaction is open: its key is lost");
  return {command, [arguments](Program& program) {
            (void)program.loaded();
            engine::forget(program.context(), arguments->name, arguments->abandon);
            return done(program, arguments->name + ": forgotten; its store is untouched");
          }};
}

}  // namespace certctl::cli
