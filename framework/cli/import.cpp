#include "framework/compat/router_app/import.hpp"

#include <certctl/result.hpp>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "framework/cli/output.hpp"
#include "framework/cli/verbs.hpp"
#include "framework/compat/router_app/generated_profile.hpp"
#include "framework/compat/router_app/store_facts.hpp"
#include "framework/config/profile_reader.hpp"
#include "framework/config/text_check.hpp"
#include "framework/sys/atomic_file.hpp"

namespace certctl::cli {
namespace {

namespace fs = std::filesystem;

struct ImportArguments {
  router_app::ImportRequest request;
  std::string output;
  bool write = false;
};

std::string default_output(const Program& program, const ImportArguments& arguments) {
  return (fs::path(program.config_path()).parent_path() / "profiles.d" / (arguments.request.profile + ".yaml"))
      .string();
}

int run(Program& program, ImportArguments& arguments) {
  if (!config::is_profile_name(arguments.request.profile))
    throw Failure::never("bad-name", "no profile can be called " + config::quote(arguments.request.profile),
                         "use up to 63 of a-z, 0-9, '.', '_' and '-'");
  if (arguments.request.settings.empty())
    arguments.request.settings = (fs::path(program.config_path()).parent_path() / "settings").string();
  arguments.request.settings = fs::absolute(arguments.request.settings).lexically_normal().string();
  arguments.request.store = fs::absolute(arguments.request.store).lexically_normal().string();
  const bool write = arguments.write || !arguments.output.empty();
  const std::string output = arguments.output.empty() ? default_output(program, arguments) : arguments.output;
  arguments.request.previous = sys::read_file_if_exists(output, router_app::kLongestProfile).value_or("");

  const router_app::Import import = router_app::import_settings(arguments.request);
  program.print_diagnostics(import.diagnostics);
  for (const auto& note : import.notes) program.log(LogLevel::warning, arguments.request.profile, note);
  if (import.yaml.empty()) return 2;
  const bool changed = write && router_app::write_profile(output, arguments.request.previous, import.yaml);
  if (program.options().json) {
    const nlohmann::json object = {{"schema", 1},
                                   {"profile", arguments.request.profile},
                                   {"written", write ? nlohmann::json(output) : nlohmann::json()},
                                   {"changed", changed},
                                   {"notes", import.notes},
                                   {"yaml", import.yaml}};
    print(object.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  } else if (!write) {
    print(import.yaml);
  } else if (changed && !program.options().quiet) {
    print_line(output + ": written");
  }
  return 0;
}

}  // namespace

Verb add_import(CLI::App& app) {
  auto arguments = std::make_shared<ImportArguments>();
  arguments->request.store = router_app::default_store();
  CLI::App* command = app.add_subcommand("import", "turn the settings of the router app SCEP Client into a profile");
  command->add_option("SETTINGS", arguments->request.settings,
                      "its settings file (default: `settings` beside certctl.yaml)");
  command->add_option("--name", arguments->request.profile, "name of the profile")->capture_default_str();
  command->add_option("--store", arguments->request.store, "directory of keys and certificates")->capture_default_str();
  command->add_flag("--write", arguments->write,
                    "write profiles.d/NAME.yaml beside certctl.yaml instead of showing it");
  command->add_option("--output", arguments->output, "write this file instead");
  return {command, [arguments](Program& program) { return run(program, *arguments); }};
}

}  // namespace certctl::cli
