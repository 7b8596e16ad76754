#include "framework/engine/status.hpp"

#include "framework/cli/output.hpp"
#include "framework/cli/router_app_status.hpp"
#include "framework/cli/verbs.hpp"
#include "framework/engine/words.hpp"

namespace certctl::cli {
namespace {

std::vector<std::string> all_names(Program& program) {
  std::vector<std::string> names = program.loaded().broken;
  for (const auto& profile : program.loaded().profiles) names.push_back(profile.name);
  return names;
}

// What a monitoring system wants to know of one profile: 0 OK, 1 WARNING, 2 CRITICAL.
int monitoring_state(const engine::ProfileStatus& status, const engine::Context& context, std::string& why) {
  if (!status.problem.empty()) return why = status.problem, 2;
  if (status.state == "expired" || status.state == "broken") return why = "certificate " + status.state, 2;
  if (status.state == "none") {
    why = status.transaction == "pending" ? "no certificate yet, pending" : "no certificate";
    return status.transaction == "pending" ? 1 : 2;
  }
  // Less than a tenth of the life left although renewals should have happened long before.
  const auto left = status.not_after - context.now();
  if (status.clock_trusted && left * 10 < status.not_after - status.not_before) {
    return why = "certificate ends in " + engine::say_duration(left), 2;
  }
  if (status.served == false) return why = "a service serves another certificate", 2;
  for (const auto& target : status.targets) {
    if (target.state == "debt") return why = "not delivered to " + target.target, 2;
  }
  if (!status.clock_trusted) return why = "clock untrusted", 1;
  if (status.last_error) return why = status.last_error->message, 1;
  if (!status.hook_debts.empty()) return why = "hook failed", 1;
  if (status.hold != 0) return why = "held", 1;
  if (status.transaction == "pending") return why = "renewal pending", 1;
  why = "good until " + engine::say_time(status.not_after);
  return 0;
}

}  // namespace

Verb add_status(CLI::App& app) {
  auto names = std::make_shared<std::vector<std::string>>();
  auto router_app = std::make_shared<bool>(false);
  auto settings = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("status", "issued, stored, delivered, served; what is open, owed or wrong");
  command->add_option("PROFILE", *names, "profiles (default: all)");
  CLI::Option* as_router_app =
      command->add_flag("--router-app", *router_app, "the two lines of the router app SCEP Client");
  command->add_option("--settings", *settings, "its settings file (default: `settings` beside certctl.yaml)")
      ->needs(as_router_app);
  return {command, [names, router_app, settings](Program& program) {
            if (*router_app) {
              if (names->size() > 1)
                throw Failure::never("bad-arguments", "--router-app is about one profile", "name one");
              return router_app_status(program, *settings, names->empty() ? "" : names->front());
            }
            engine::ExitState exit = engine::ExitState::ok;
            std::vector<engine::ProfileStatus> states;
            for (const auto* profile : program.choose(*names, exit)) {
              states.push_back(engine::status_of(program.context(), *profile));
              if (!states.back().problem.empty() && states.back().state == "none")
                exit = engine::worse(exit, engine::ExitState::failed);
            }
            std::vector<std::string> orphans;
            if (names->empty()) orphans = engine::orphans(program.context(), all_names(program));
            if (program.options().json) {
              print(engine::status_to_json(states, orphans));
            } else {
              for (const auto& state : states) print(status_text(state));
              for (const auto& name : orphans) {
                print_line(name + ": orphan: a journal without a profile (`certctl adopt " + name +
                           " NEW` or `certctl forget " + name + "`)");
              }
            }
            return static_cast<int>(exit);
          }};
}

Verb add_check(CLI::App& app) {
  auto names = std::make_shared<std::vector<std::string>>();
  CLI::App* command =
      app.add_subcommand("check", "one line and an exit code for monitoring: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN");
  command->add_option("PROFILE", *names, "profiles (default: all)");
  return {command, [names](Program& program) {
            engine::ExitState exit = engine::ExitState::ok;
            static constexpr const char* kWords[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};
            int worst = 0;
            std::string line;
            std::size_t count = 0;
            for (const auto* profile : program.choose(*names, exit)) {
              std::string why;
              const int state =
                  monitoring_state(engine::status_of(program.context(), *profile), program.context(), why);
              ++count;
              if (state > 0) line += (line.empty() ? "" : "; ") + profile->name + ": " + why;
              worst = std::max(worst, state);
            }
            if (exit != engine::ExitState::ok) {
              worst = std::max(worst, 2);
              line += (line.empty() ? "" : "; ") + std::string("configuration broken: see `certctl lint`");
            } else if (count == 0) {
              worst = 3;
              line = "no profiles";
            }
            if (line.empty())
              line = std::to_string(count) + (count == 1 ? " certificate is well" : " certificates are well");
            if (program.options().json) {
              print("{\"schema\": 1, \"state\": \"" + std::string(kWords[worst]) +
                    "\", \"exit\": " + std::to_string(worst) + "}\n");
            } else {
              print_line(std::string("CERTCTL ") + kWords[worst] + " - " + line);
            }
            return worst;
          }};
}

}  // namespace certctl::cli
