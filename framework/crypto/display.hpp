// Foreign text on its way to people.
#pragma once

#include <string>
#include <string_view>

namespace certctl::crypto {

// Text of foreign origin made safe for a terminal or a log: control characters (also C1 and bidirectional ones, and
// octets that are no UTF-8) become \XX with their octets in hex.
[[nodiscard]] std::string display_text(std::string_view text);

}  // namespace certctl::crypto
