#include <nlohmann/json.hpp>

#include "framework/cli/output.hpp"
#include "framework/cli/run_profiles.hpp"
#include "framework/cli/verbs.hpp"
#include "framework/engine/json_objects.hpp"
#include "framework/engine/lives.hpp"
#include "framework/engine/words.hpp"

namespace certctl::cli {

Verb add_history(CLI::App& app) {
  auto name = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("history", "the generations of a profile");
  command->add_option("PROFILE", *name, "profile")->required();
  return {command, [name](Program& program) {
            using nlohmann::json;
            json list = json::array();
            for (const auto& entry : engine::history(program.context(), require_profile(program, *name))) {
              if (program.options().json) {
                list.push_back(engine::to_json(entry));
                continue;
              }
              std::string line = std::string(entry.active ? "* " : "  ") + std::to_string(entry.generation) +
                                 "  serial " + entry.serial;
              if (entry.not_after != 0)
                line += "  " + engine::say_time(entry.not_before) + " to " + engine::say_time(entry.not_after);
              if (entry.activated != 0) line += "  activated " + engine::say_time(entry.activated);
              if (entry.held) line += "  held";
              if (!entry.whole) line += "  BROKEN: " + entry.problem;
              for (const auto& target : entry.targets) line += "  [" + target + "]";
              print_line(line);
            }
            if (program.options().json) {
              print(json{{"schema", 1}, {"profile", *name}, {"generations", list}}.dump(
                        2, ' ', false, json::error_handler_t::replace) +
                    "\n");
            }
            return 0;
          }};
}

}  // namespace certctl::cli
