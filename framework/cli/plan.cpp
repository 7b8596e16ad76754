#include <algorithm>
#include <nlohmann/json.hpp>
#include <thread>

#include "framework/cli/output.hpp"
#include "framework/cli/run_profiles.hpp"
#include "framework/cli/verbs.hpp"
#include "framework/engine/json_objects.hpp"
#include "framework/engine/parallel.hpp"
#include "framework/engine/preview.hpp"
#include "framework/engine/words.hpp"

namespace certctl::cli {
namespace {

struct PlanArguments {
  std::vector<std::string> profiles;
  bool diff = false;
  engine::Wishes wishes;
};

void print_preview(const engine::Preview& preview, bool diff) {
  const engine::Decision& d = preview.decision;
  if (!preview.problem.empty()) {
    print_line(preview.profile + ": " + preview.problem);
    return;
  }
  std::string line = preview.profile + ": ";
  if (!d.blocked.empty()) {
    line += "nothing now: " + d.blocked + ": " + d.blocked_sentence;
  } else if (preview.request_due) {
    line += std::string(engine::action_word(d.action)) + ": " + d.reason + ": " + d.sentence;
  } else {
    line += "nothing to ask: " + d.sentence;
  }
  print_line(line);
  for (const auto& target : preview.targets) {
    if (target.deliver) {
      print_line("  deliver to " + target.target + ": " + d.deliver_reason +
                 (target.detail.empty() ? "" : ": " + target.detail));
    } else if (target.after_renewal) {
      print_line("  then deliver to " + target.target);
    }
    if (diff) {
      if (!target.disturbance.empty()) print_line("    disturbs: " + target.disturbance);
      for (const auto& row : target.diff) print_line("    " + row);
    }
  }
}

}  // namespace

Verb add_plan(CLI::App& app) {
  auto arguments = std::make_shared<PlanArguments>();
  CLI::App* command = app.add_subcommand("plan", "what `renew` would do, and why; touches nothing");
  command->add_option("PROFILE", arguments->profiles, "profiles (default: all)");
  command->add_flag("--diff", arguments->diff, "also what would change at each target, by fingerprint");
  command->add_flag("--force", arguments->wishes.force, "as `renew --force` would do");
  command->add_flag("--rekey", arguments->wishes.rekey, "as `renew --rekey` would do");
  return {command, [arguments](Program& program) {
            engine::ExitState exit = engine::ExitState::ok;
            const engine::Context& context = program.context();
            nlohmann::json list = nlohmann::json::array();
            const auto profiles = program.choose(arguments->profiles, exit);
            std::vector<engine::Preview> previews(profiles.size());
            // Nothing waits for a network here: more threads than processors would only wait for each other.
            const int processors = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
            const int jobs = std::min(context.settings.jobs, processors);
            engine::for_each_profile(profiles.size(), jobs, [&](std::size_t i) {
              previews[i] = engine::preview(context, *profiles[i], arguments->wishes, arguments->diff);
            });
            for (const engine::Preview& preview : previews) {
              if (!preview.problem.empty()) exit = engine::worse(exit, engine::ExitState::failed);
              if (preview.work) exit = engine::worse(exit, engine::ExitState::work);
              if (program.options().json) {
                list.push_back(engine::to_json(preview));
              } else {
                print_preview(preview, arguments->diff);
              }
            }
            if (program.options().json) {
              const nlohmann::json object = {{"schema", 1}, {"profiles", std::move(list)}};
              print(object.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
            }
            return static_cast<int>(exit);
          }};
}

}  // namespace certctl::cli
