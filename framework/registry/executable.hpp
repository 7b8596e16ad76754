// A plugin that is an executable, behind the exec bridge (framework/sdk/exec/EXEC-PROTOCOL.md).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "framework/registry/plugin_info.hpp"

namespace certctl::registry {

// "distributor_bundle" for (distributor, bundle).
[[nodiscard]] std::string executable_file_name(Kind kind, std::string_view name);
// The kind and name in a file name of that form; nothing for another, and for kinds that can't be executables.
[[nodiscard]] std::optional<std::pair<Kind, std::string>> parse_executable_file_name(std::string_view file_name);

// Checks who could change the file, and asks it what it is. Throws Failure as Refusal says; the message does not name
// the file.
[[nodiscard]] Plugin load_executable(const std::string& path);

}  // namespace certctl::registry
