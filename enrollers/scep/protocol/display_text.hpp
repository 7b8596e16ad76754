// Text from outside, made fit for one line that people read.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace certctl::scep {

// Line breaks, tabs and runs of blanks become one blank; what else a terminal might obey is escaped
// (crypto::display_text); at most `limit` octets.
std::string display_line(std::string_view text, std::size_t limit = 200);

}  // namespace certctl::scep
