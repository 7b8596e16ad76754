// The moment at which the tests of the engine are, and errors without words.
#pragma once

#include <certctl/result.hpp>

#include <chrono>

#include "framework/engine/journal.hpp"

namespace certctl::engine::test {

inline constexpr EpochSeconds kNow = 1'800'000'000;

inline Error error(RetryClass retry, std::chrono::seconds delay = std::chrono::seconds{0}) {
  return Error{"code", "message", "", retry, delay};
}

}  // namespace certctl::engine::test
