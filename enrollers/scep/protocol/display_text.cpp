#include "enrollers/scep/protocol/display_text.hpp"

#include "framework/crypto/name.hpp"

namespace certctl::scep {

std::string display_line(std::string_view text, std::size_t limit) {
  constexpr std::string_view kLayout = " \t\r\n\f\v";
  std::string line;
  for (const char c : text.substr(0, limit * 4)) {
    if (kLayout.find(c) == std::string_view::npos) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  line = crypto::display_text(line);
  if (line.size() > limit) {
    line.resize(limit);
    // not in the middle of a character
    while (!line.empty() && (static_cast<unsigned char>(line.back()) & 0xC0U) == 0x80U) line.pop_back();
    if (!line.empty() && static_cast<unsigned char>(line.back()) >= 0xC0U) line.pop_back();
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

}  // namespace certctl::scep
