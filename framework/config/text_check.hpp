// What the bytes of a configuration file must be before anybody parses them: UTF-8 without byte order mark, no NUL or
// other control characters, no carriage return but before a line feed, no tab at the beginning of a line, at most
// kMaxFileSize.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "framework/config/diagnostic.hpp"

namespace certctl::config {

// The first thing that is wrong, with its place.
[[nodiscard]] std::optional<Diagnostic> check_text(std::string_view text, const std::string& file);

// The length of the well-formed UTF-8 sequence at the beginning of `text`, 0 when there is none.
[[nodiscard]] std::size_t utf8_length(std::string_view text) noexcept;
// Whether a scalar (after its escapes are resolved) is UTF-8 and has no control characters but line feed and tab.
[[nodiscard]] bool is_plain_text(std::string_view text) noexcept;

}  // namespace certctl::config
