// Outside text made safe for a terminal, a log line or an error message.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace certctl::sys {

// One line: control characters, line and paragraph separators, text-direction controls, and whatever is not UTF-8
// become escapes (\n, \x1b, \u{202e}); everything else stays. Applied twice it changes nothing more.
[[nodiscard]] std::string printable(std::string_view text);

// printable(), with at most about `longest` bytes of the beginning, or of the end; "..." stands for what is left out.
[[nodiscard]] std::string printable_start(std::string_view text, std::size_t longest);
[[nodiscard]] std::string printable_end(std::string_view text, std::size_t longest);

}  // namespace certctl::sys
