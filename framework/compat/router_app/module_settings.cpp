#include "framework/compat/router_app/module_settings.hpp"

#include <certctl/result.hpp>

#include <algorithm>

#include "framework/compat/router_app/settings_text.hpp"
#include "framework/sys/atomic_file.hpp"

namespace certctl::router_app {
namespace {

std::vector<std::string> full_names() {
  std::vector<std::string> names;
  for (const Item& item : items()) names.push_back(std::string(kPrefix) + item.name);
  return names;
}

void warn_of_unknown(const SettingsText& parsed, const std::string& file, std::vector<config::Diagnostic>& to) {
  const auto known = full_names();
  for (const Setting& setting : parsed.settings) {
    if (!setting.name.starts_with(kPrefix)) continue;
    if (std::find(known.begin(), known.end(), setting.name) != known.end()) continue;
    const std::string near = config::nearest(setting.name, known);
    to.push_back({{file, setting.line, 1},
                  config::Severity::warning,
                  "unknown-item",
                  setting.name + " is no item of this module, and has no effect",
                  near.empty() ? "" : "did you mean " + near + "?",
                  ""});
  }
}

}  // namespace

ModuleSettings read_module_settings(std::string_view text, const std::string& file) {
  SettingsText parsed = parse_settings(text, file);
  ModuleSettings result;
  result.values = initial_values();
  for (const Item& item : items()) {
    if (const Setting* setting = parsed.find(std::string(kPrefix) + item.name))
      result.values[item.name] = setting->value;
  }
  result.diagnostics = std::move(parsed.diagnostics);
  warn_of_unknown(parsed, file, result.diagnostics);
  for (const ItemProblem& problem : check_values(result.values)) {
    const std::string name = std::string(kPrefix) + problem.item->name;
    const Setting* setting = parsed.find(name);
    result.diagnostics.push_back({{file, setting == nullptr ? 0 : setting->line, setting == nullptr ? 0 : 1},
                                  problem.fatal ? config::Severity::error : config::Severity::warning,
                                  "bad-item",
                                  name + " (" + problem.item->label + ") " + problem.message,
                                  "",
                                  ""});
  }
  config::sort_and_unify(result.diagnostics);
  return result;
}

ModuleSettings read_module_settings_file(const std::string& path) {
  try {
    return read_module_settings(sys::read_file(path, kLongestSettingsFile), path);
  } catch (const Failure& failure) {
    throw Failure::never("settings-unreadable", "the settings cannot be read: " + failure.error().message,
                         "name the settings file of the router app");
  }
}

std::string module_settings_text(std::string_view old_text, const Values& values) {
  std::map<std::string, std::string> named;
  for (const Item& item : items()) named.emplace(std::string(kPrefix) + item.name, text(values, item.name));
  return with_values(old_text, named);
}

}  // namespace certctl::router_app
