// Times for people.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace certctl::web {

// Of "2026-11-25T00:00:00Z"; nothing: it is no such text.
[[nodiscard]] std::optional<std::int64_t> read_moment(std::string_view text);

// "12 days", "3 hours", "50 seconds".
[[nodiscard]] std::string span_text(std::int64_t seconds);

// "2026-11-25 00:00 UTC (in 12 days)", "… (3 hours ago)"; what is no time is shown as it is.
[[nodiscard]] std::string moment_text(const std::string& text, std::int64_t now);

}  // namespace certctl::web
