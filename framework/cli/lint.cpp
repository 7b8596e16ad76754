#include "framework/engine/lint.hpp"
#include "framework/engine/written_paths.hpp"

#include <nlohmann/json.hpp>

#include "framework/cli/output.hpp"
#include "framework/cli/verbs.hpp"

namespace certctl::cli {

namespace {

// What `systemctl edit certctl` wants: where the profiles write beyond what the unit allows.
int print_unit(Program& program) {
  const engine::WrittenPaths written = engine::written_paths(program.context(), program.loaded().profiles);
  print("[Service]\n");
  for (const std::string& directory : written.directories) print_line("ReadWritePaths=-" + directory);
  for (const std::string& profile : written.scripts)
    print_line("# " + profile + " runs commands: add what these write");
  return 0;
}

}  // namespace

Verb add_lint(CLI::App& app) {
  auto unit = std::make_shared<bool>(false);
  CLI::App* command =
      app.add_subcommand("lint", "everything that is wrong with the configuration, with file, line and column");
  command->add_flag("--unit", *unit, "prints the paths that profiles write, for `systemctl edit certctl`");
  return {command, [unit](Program& program) {
            if (*unit) return print_unit(program);
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
