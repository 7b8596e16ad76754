#include "framework/engine/lint.hpp"

#include <nlohmann/json.hpp>

#include "framework/cli/output.hpp"
#include "framework/cli/verbs.hpp"

namespace certctl::cli {

Verb add_lint(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("lint", "everything that is wrong with the configuration, with file, line and column");
  return {command, [](Program& program) {
            const config::Loaded& loaded = program.loaded();
            const auto found = loaded.usable ? engine::lint(program.context(), loaded) : loaded.diagnostics;
            std::size_t errors = 0;
            nlohmann::json list = nlohmann::json::array();
            for (const auto& diagnostic : found) {
              const bool error = diagnostic.severity == config::Severity::error;
              errors += error ? 1 : 0;
              if (program.options().json) {
                list.push_back({{"file", diagnostic.mark.file},
                                {"line", diagnostic.mark.line},
                                {"column", diagnostic.mark.column},
                                {"severity", error ? "error" : "warning"},
                                {"code", diagnostic.code},
                                {"message", diagnostic.message},
                                {"hint", diagnostic.hint},
                                {"profile", diagnostic.profile}});
              } else {
                print_line(config::format(diagnostic));
              }
            }
            if (program.options().json) {
              const nlohmann::json object = {{"schema", 1}, {"errors", errors}, {"diagnostics", std::move(list)}};
              print(object.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
            } else if (found.empty() && !program.options().quiet) {
              print_line(std::to_string(loaded.profiles.size()) +
                         (loaded.profiles.size() == 1 ? " profile is well" : " profiles are well"));
            }
            return errors == 0 ? 0 : 2;
          }};
}

}  // namespace certctl::cli
