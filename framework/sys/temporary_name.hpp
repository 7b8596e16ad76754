// Names of temporary files. Internal to sys.
#pragma once

#include <string>
#include <string_view>

namespace certctl::sys {

// A fresh one for a file called `name`.
[[nodiscard]] std::string temporary_name(std::string_view name);
// What a temporary name for `name` begins with.
[[nodiscard]] std::string temporary_prefix(std::string_view name);

}  // namespace certctl::sys
