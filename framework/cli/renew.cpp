#include <optional>

#include "framework/cli/run_profiles.hpp"
#include "framework/cli/verbs.hpp"
#include "framework/config/units.hpp"

namespace certctl::cli {
namespace {

struct RenewArguments {
  std::vector<std::string> profiles;
  engine::Wishes wishes;
  std::string wait;
  bool waits = false;
  int jobs = 0;
};

}  // namespace

Verb add_renew(CLI::App& app) {
  auto arguments = std::make_shared<RenewArguments>();
  CLI::App* command = app.add_subcommand("renew", "do what is due: enroll, renew, resume, deliver");
  command->add_option("PROFILE", arguments->profiles, "profiles (default: all)");
  command->add_flag("--force", arguments->wishes.force,
                    "renew although not due; does not wait after a failure; ends a hold");
  command->add_flag("--rekey", arguments->wishes.rekey, "renew with a new key");
  command->add_flag("--new-request", arguments->wishes.new_request, "give an open request up and make a new one");
  command->add_flag("--reset-attempts", arguments->wishes.reset_attempts, "forget failed attempts and the daily count");
  CLI::Option* wait = command->add_option("--wait", arguments->wait,
                                          "wait for a pending request, at most this long (--wait=10m; default: 1h)");
  wait->expected(0, 1);
  command->add_option("--jobs", arguments->jobs, "profiles side by side")->check(CLI::Range(1, 64));
  return {command, [arguments, wait](Program& program) {
            engine::RunRequest request;
            request.wishes = arguments->wishes;
            if (wait->count() != 0) {
              request.wait =
                  arguments->wait.empty() ? std::chrono::seconds(3600) : config::parse_duration(arguments->wait);
            }
            return run_profiles(program, arguments->profiles, arguments->jobs,
                                [&](const engine::Context& context, const config::Profile& profile) {
                                  return engine::renew(context, profile, request);
                                });
          }};
}

}  // namespace certctl::cli
