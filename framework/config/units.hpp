// Numbers with units, as configuration and command line write them. All functions throw Failure::never("bad-value", …).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "framework/config/profile.hpp"

namespace certctl::config {

// "90s", "15m", "12h", "30d", "2w", "1y" (365 days). The unit is mandatory; at most 100 years.
[[nodiscard]] std::chrono::seconds parse_duration(std::string_view text);
// The shortest text that parse_duration() reads back: "90s", "2h", "30d".
[[nodiscard]] std::string duration_text(std::chrono::seconds duration);

// "512B", "64KiB", "4MiB", "1GiB". The unit is mandatory.
[[nodiscard]] std::int64_t parse_size(std::string_view text);
[[nodiscard]] std::string size_text(std::int64_t bytes);

// Decimal digits, perhaps with a minus; no leading zeros, no exponent, no other base.
[[nodiscard]] std::int64_t parse_integer(std::string_view text);

// "30d left", "30% left", "70% elapsed": the word is mandatory.
[[nodiscard]] RenewThreshold parse_threshold(std::string_view text);

}  // namespace certctl::config
