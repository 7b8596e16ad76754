// When to ask again, and when to give up: counted in intervals, not by the clock.
#pragma once

#include <algorithm>

namespace certctl::sscep {

struct PollLimits {
  long long interval = 300;  // -t, seconds
  long long time = 28800;    // -T, seconds
  long long count = 256;     // -n
};

// Whether poll number `number` (from 1) may be sent (SCEP-174).
[[nodiscard]] constexpr bool may_poll(const PollLimits& limits, long long number) {
  constexpr long long kMost = 1'000'000'000;  // more seconds, and more polls, than anybody lives to see
  const long long interval = std::clamp(limits.interval, -kMost, kMost);
  return interval * std::min(number, kMost) < limits.time && number <= limits.count;
}

}  // namespace certctl::sscep
