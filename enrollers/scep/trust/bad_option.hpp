// What an option is refused with that cannot work.
#pragma once

#include <certctl/result.hpp>

#include <string>
#include <utility>

namespace certctl::trust {

// Throws "bad-option" (never).
[[noreturn]] inline void bad_option(const std::string& what, std::string hint = {}) {
  throw Failure::never("bad-option", what, std::move(hint));
}

}  // namespace certctl::trust
