// A plugin in a file.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "framework/registry/plugin_info.hpp"

namespace certctl::registry {

// "distributor_settings.so" for (distributor, settings).
[[nodiscard]] std::string module_file_name(Kind kind, std::string_view name);
// The kind and name in a file name of that form; nothing for another.
[[nodiscard]] std::optional<std::pair<Kind, std::string>> parse_module_file_name(std::string_view file_name);

// What is said of a file with another name.
[[nodiscard]] Error wrong_file_name();

// Checks a file and loads it, never to be unloaded. What can be read from the file is checked before any code of it
// runs: who could change it, kind, name of the file, contract and build. `path` is absolute; its last part is of the
// form above. Throws Failure as Refusal says; the message does not name the file.
[[nodiscard]] Plugin load_module(const std::string& path);

}  // namespace certctl::registry
