// The settings file of the module as values of its items.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "framework/compat/router_app/items.hpp"
#include "framework/config/diagnostic.hpp"

namespace certctl::router_app {

struct ModuleSettings {
  Values values;  // of all items
  std::vector<config::Diagnostic> diagnostics;
  [[nodiscard]] bool usable() const noexcept { return !config::has_errors(diagnostics); }
};

// `file` is for messages, which name the line of each value that is wrong.
[[nodiscard]] ModuleSettings read_module_settings(std::string_view text, const std::string& file);
// Of a file. Failure settings-unreadable (RetryClass::never) when it is not there.
[[nodiscard]] ModuleSettings read_module_settings_file(const std::string& path);

// The text of the file with these values of items; everything else in it stays.
[[nodiscard]] std::string module_settings_text(std::string_view old_text, const Values& values);

}  // namespace certctl::router_app
