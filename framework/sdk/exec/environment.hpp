#pragma once

#include <string>
#include <vector>

namespace certctl::exec {

// All that an executable finds in its environment.
[[nodiscard]] std::vector<std::string> exec_environment();

}  // namespace certctl::exec
