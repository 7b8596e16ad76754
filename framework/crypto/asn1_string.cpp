#include "framework/crypto/asn1_string.hpp"

#include "framework/crypto/der.hpp"

#include <algorithm>

namespace certctl::crypto {
namespace {

void append_utf8(char32_t c, std::string& out) {
  const auto octet = [&](char32_t value) { out += static_cast<char>(static_cast<unsigned char>(value)); };
  if (c < 0x80) {
    octet(c);
  } else if (c < 0x800) {
    octet(0xC0 | (c >> 6U));
    octet(0x80 | (c & 0x3FU));
  } else if (c < 0x10000) {
    octet(0xE0 | (c >> 12U));
    octet(0x80 | ((c >> 6U) & 0x3FU));
    octet(0x80 | (c & 0x3FU));
  } else {
    octet(0xF0 | (c >> 18U));
    octet(0x80 | ((c >> 12U) & 0x3FU));
    octet(0x80 | ((c >> 6U) & 0x3FU));
    octet(0x80 | (c & 0x3FU));
  }
}

bool is_scalar(char32_t c) noexcept {
  return c < 0xD800 || (c > 0xDFFF && c <= 0x10FFFF);
}

std::optional<std::string> from_utf16(BytesView content) {
  if (content.size() % 2 != 0) return std::nullopt;
  std::string out;
  for (std::size_t i = 0; i < content.size(); i += 2) {
    char32_t c = (static_cast<char32_t>(content[i]) << 8U) | content[i + 1];
    if (c >= 0xD800 && c < 0xDC00 && i + 3 < content.size()) {  // a pair: outside BMP, but Windows sends it
      const char32_t low = (static_cast<char32_t>(content[i + 2]) << 8U) | content[i + 3];
      if (low < 0xDC00 || low > 0xDFFF) return std::nullopt;
      c = 0x10000 + ((c - 0xD800) << 10U) + (low - 0xDC00);
      i += 2;
    }
    if (!is_scalar(c)) return std::nullopt;
    append_utf8(c, out);
  }
  return out;
}

std::optional<std::string> from_utf32(BytesView content) {
  if (content.size() % 4 != 0) return std::nullopt;
  std::string out;
  for (std::size_t i = 0; i < content.size(); i += 4) {
    const char32_t c = (static_cast<char32_t>(content[i]) << 24U) | (static_cast<char32_t>(content[i + 1]) << 16U) |
                       (static_cast<char32_t>(content[i + 2]) << 8U) | content[i + 3];
    if (!is_scalar(c)) return std::nullopt;
    append_utf8(c, out);
  }
  return out;
}

}  // namespace

std::size_t utf8_sequence(std::string_view text) noexcept {
  const auto at = [&](std::size_t i) -> unsigned { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto tail = [&](std::size_t i) { return (at(i) & 0xC0U) == 0x80U; };
  if (text.empty()) return 0;
  const unsigned first = at(0);
  if (first < 0x80U) return 1;
  if (first >= 0xC2U && first < 0xE0U) return tail(1) ? 2 : 0;
  if (first >= 0xE0U && first < 0xF0U) {
    if (!tail(1) || !tail(2)) return 0;
    if (first == 0xE0U && at(1) < 0xA0U) return 0;   // longer than needed
    if (first == 0xEDU && at(1) >= 0xA0U) return 0;  // surrogate
    return 3;
  }
  if (first >= 0xF0U && first < 0xF5U) {
    if (!tail(1) || !tail(2) || !tail(3)) return 0;
    if (first == 0xF0U && at(1) < 0x90U) return 0;
    if (first == 0xF4U && at(1) >= 0x90U) return 0;  // above U+10FFFF
    return 4;
  }
  return 0;
}

bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const std::size_t size = utf8_sequence(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

std::size_t utf8_length(std::string_view text) noexcept {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool is_ascii(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80U; });
}

std::optional<Bytes> utf8_to_bmp(std::string_view text) {
  Bytes out;
  while (!text.empty()) {
    const std::size_t size = utf8_sequence(text);
    if (size == 0 || size > 3) return std::nullopt;
    unsigned c = static_cast<unsigned char>(text[0]);
    if (size == 2) c &= 0x1FU;
    if (size == 3) c &= 0x0FU;
    for (std::size_t i = 1; i < size; ++i) c = (c << 6U) | (static_cast<unsigned char>(text[i]) & 0x3FU);
    out.push_back(static_cast<std::uint8_t>(c >> 8U));
    out.push_back(static_cast<std::uint8_t>(c & 0xFFU));
    text.remove_prefix(size);
  }
  return out;
}

std::optional<std::string> string_to_utf8(std::uint8_t tag, BytesView content) {
  const std::string text(content.begin(), content.end());
  switch (tag) {
    case kTagUtf8String: return is_utf8(text) ? std::optional(text) : std::nullopt;
    case kTagPrintableString:
    case kTagIa5String:
    case 0x12:  // NumericString
    case 0x1A:  // VisibleString
      return is_ascii(text) ? std::optional(text) : std::nullopt;
    case kTagT61String: {
      std::string out;
      for (const std::uint8_t octet : content) append_utf8(octet, out);
      return out;
    }
    case kTagBmpString: return from_utf16(content);
    case kTagUniversalString: return from_utf32(content);
    default: return std::nullopt;
  }
}

}  // namespace certctl::crypto
