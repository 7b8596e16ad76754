#include "framework/crypto/display.hpp"

#include "framework/crypto/asn1_string.hpp"

namespace certctl::crypto {
namespace {

// A character that would act on a terminal, a log or the direction of the text instead of being shown.
bool is_control(std::string_view character) noexcept {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(character[i]); };
  switch (character.size()) {
    case 1: return at(0) < 0x20U || at(0) == 0x7FU;
    case 2:
      return (at(0) == 0xC2U && at(1) < 0xA0U) ||  // C1 controls
             (at(0) == 0xD8U && at(1) == 0x9CU);   // U+061C
    case 3:
      if (at(0) == 0xE2U && at(1) == 0x80U)  // U+200B..200F, 2028..202E
        return (at(2) >= 0x8BU && at(2) <= 0x8FU) || (at(2) >= 0xA8U && at(2) <= 0xAEU);
      if (at(0) == 0xE2U && at(1) == 0x81U) return at(2) >= 0xA0U && at(2) <= 0xAFU;  // U+2060..206F
      return at(0) == 0xEFU && at(1) == 0xBBU && at(2) == 0xBFU;                      // U+FEFF
    default: return false;
  }
}

}  // namespace

std::string display_text(std::string_view text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t size = utf8_sequence(text);
    const std::string_view character = text.substr(0, size == 0 ? 1 : size);
    if (size == 0 || is_control(character)) {
      for (const char c : character) {
        const auto octet = static_cast<unsigned char>(c);
        out += '\\';
        out += kDigits[octet >> 4U];
        out += kDigits[octet & 0x0FU];
      }
    } else {
      out += character;
    }
    text.remove_prefix(character.size());
  }
  return out;
}

}  // namespace certctl::crypto
