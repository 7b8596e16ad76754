// How the engine says times and durations to people.
#pragma once

#include <string>

#include "framework/engine/journal.hpp"

namespace certctl::engine {

// "2026-11-25T00:00:00Z"; 0 gives an empty text.
[[nodiscard]] std::string say_time(EpochSeconds at);

// "12 days", "3 hours", "40 seconds": one unit, rounded down; negative durations are said as positive ones.
[[nodiscard]] std::string say_duration(EpochSeconds seconds);

[[nodiscard]] EpochSeconds epoch(TimePoint at);
// What lies beyond TimePoint (after 2262) is given as its nearest value.
[[nodiscard]] TimePoint time_point(EpochSeconds at);

}  // namespace certctl::engine
