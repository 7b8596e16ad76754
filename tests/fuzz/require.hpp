// What must hold for every input of a fuzz target.
#pragma once

#include <certctl/result.hpp>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <utility>

namespace certctl::fuzz {

// A target whose oracle never fails proves nothing: with this switch it spoils what its parser gave before it is
// judged, and must fail on its own seeds (fuzz_NAME_planted; also CERTCTL_PLANTED_BUG=1 with the libFuzzer program).
inline bool planted_bug = std::getenv("CERTCTL_PLANTED_BUG") != nullptr;

// What a parser gave; with the planted bug it has a line break too much.
inline std::string planted(std::string given) {
  if (planted_bug) given += '\n';
  return given;
}

inline void require(bool holds, const std::string& what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what.c_str());
  std::abort();
}

inline std::string text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// True when it came to its end; false when it refused the input, as it may: with a Failure that says what is wrong.
template <class Body>
bool accepts(Body&& body) {
  try {
    std::forward<Body>(body)();
    return true;
  } catch (const Failure& failure) {
    require(!failure.error().code.empty() && failure.error().code != "internal" && !failure.error().message.empty(),
            "a refusal says what is wrong: " + failure.error().code + ": " + failure.error().message);
    return false;
  }
}

}  // namespace certctl::fuzz
