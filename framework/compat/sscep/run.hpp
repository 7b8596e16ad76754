#pragma once

#include <string>
#include <vector>

namespace certctl::sscep {

// The whole program: its arguments, the program's own name first, to its exit code. Never throws.
int run(const std::vector<std::string>& arguments) noexcept;

}  // namespace certctl::sscep
