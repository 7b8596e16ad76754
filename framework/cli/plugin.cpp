#include <nlohmann/json.hpp>

#include "framework/cli/output.hpp"
#include "framework/cli/plugin_check.hpp"
#include "framework/cli/verbs.hpp"

namespace certctl::cli {
namespace {

const char* type_word(OptionType type) {
  switch (type) {
    case OptionType::text: return "text";
    case OptionType::path: return "path";
    case OptionType::integer: return "integer";
    case OptionType::boolean: return "boolean";
    case OptionType::duration: return "duration";
    case OptionType::size: return "size";
    case OptionType::choice: return "choice";
    case OptionType::list: return "list";
    case OptionType::map: return "map";
    case OptionType::command: return "command";
    case OptionType::secret: return "secret";
  }
  return "text";
}

nlohmann::json info_json(const registry::PluginInfo& info) {
  nlohmann::json options = nlohmann::json::array();
  for (const OptionSpec& spec : info.options) {
    options.push_back({{"name", spec.name},
                       {"type", type_word(spec.type)},
                       {"default", spec.default_value},
                       {"required", spec.required},
                       {"choices", spec.choices},
                       {"text", spec.text}});
  }
  return {{"kind", registry::title(info.kind)},
          {"name", info.name},
          {"version", info.version},
          {"summary", info.summary},
          {"path", info.path},
          {"options", std::move(options)}};
}

void print_info(const registry::PluginInfo& info) {
  print_line(std::string(registry::title(info.kind)) + " " + info.name + " " + info.version + ": " + info.summary);
  print_line("  from " + (info.path.empty() ? "this program" : info.path));
  for (const OptionSpec& spec : info.options) {
    std::string line = "  " + std::string(spec.name) + " (" + type_word(spec.type);
    if (*spec.choices != '\0') line += ": " + std::string(spec.choices);
    line += spec.required                 ? ", required)"
            : *spec.default_value != '\0' ? ", default " + std::string(spec.default_value) + ")"
                                          : ")";
    print_line(line + ": " + spec.text);
  }
}

int list(Program& program) {
  nlohmann::json plugins = nlohmann::json::array();
  nlohmann::json refused = nlohmann::json::array();
  for (const auto& info : program.registry().list()) {
    if (program.options().json) {
      plugins.push_back(info_json(info));
    } else {
      std::string kind(registry::title(info.kind));
      kind.resize(14, ' ');
      std::string name = info.name;
      name.resize(std::max<std::size_t>(14, name.size() + 1), ' ');
      print_line(kind + name + info.version + "  " + info.summary);
    }
  }
  for (const auto& refusal : program.registry().refusals()) {
    if (program.options().json) {
      refused.push_back({{"path", refusal.path},
                         {"code", refusal.error.code},
                         {"message", refusal.error.message},
                         {"hint", refusal.error.hint}});
    } else {
      print_line("refused: " + refusal.path + ": " + error_text(refusal.error));
    }
  }
  if (program.options().json) {
    print(nlohmann::json{{"schema", 1}, {"plugins", plugins}, {"refused", refused}}.dump(2) + "\n");
  }
  return 0;
}

int show(Program& program, const std::string& name) {
  nlohmann::json plugins = nlohmann::json::array();
  bool found = false;
  for (const auto& info : program.registry().list()) {
    if (info.name != name) continue;
    found = true;
    if (program.options().json) {
      plugins.push_back(info_json(info));
    } else {
      print_info(info);
    }
  }
  if (program.options().json) print(nlohmann::json{{"schema", 1}, {"plugins", plugins}}.dump(2) + "\n");
  if (found) return 0;
  for (const auto& refusal : program.registry().refusals()) {
    if (refusal.path.find(name) != std::string::npos) throw Failure(refusal.error);
  }
  throw Failure::never("plugin-unknown", "there is no plugin '" + name + "'", "see `certctl plugin list`");
}

}  // namespace

Verb add_plugin(CLI::App& app) {
  struct Arguments {
    std::string name;
    PluginCheck check;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand("plugin", "plugins, their options, why one was refused");
  command->require_subcommand(1);
  CLI::App* list_command = command->add_subcommand("list", "all plugins, and the files that were refused");
  CLI::App* show_command = command->add_subcommand("show", "the options of a plugin");
  show_command->add_option("NAME", arguments->name, "plugin")->required();
  CLI::App* check_command = command->add_subcommand(
      "check", "whether a file is accepted as a plugin and keeps the promises of its kind: one line for each");
  check_command->add_option("PATH", arguments->check.path, "file")->required();
  check_command->add_option("--options", arguments->check.options,
                            "part of a profile that uses the plugin (default: the plugin's sample.yaml)");
  check_command->add_option("--fixture", arguments->check.fixture,
                            "directory with what the target holds before the first delivery");
  check_command->add_option("--ca", arguments->check.ca, "program that plays the CA, for an enroller");
  check_command->add_option("--timeout", arguments->check.timeout, "seconds for all rules (default: 600)")
      ->check(CLI::Range(1, 86400));
  return {command, [arguments, list_command, show_command, check_command](Program& program) {
            if (list_command->parsed()) return list(program);
            if (show_command->parsed()) return show(program, arguments->name);
            return check_command->parsed() ? check_plugin(program, arguments->check) : 0;
          }};
}

}  // namespace certctl::cli
