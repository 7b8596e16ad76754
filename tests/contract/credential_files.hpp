// The files of tests/data/store, in the program.
#pragma once

#include <string>
#include <string_view>

namespace certctl::contract {

// NAME: "one.crt", "one.key", "ca-root.pem" … Throws std::logic_error for another.
[[nodiscard]] std::string_view credential_file(std::string_view name);

}  // namespace certctl::contract
