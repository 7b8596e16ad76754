#include "framework/sys/printable.hpp"

#include <array>
#include <cstdint>
#include <cstdio>

namespace certctl::sys {
namespace {

constexpr std::string_view kLeftOut = "...";

struct Character {
  std::size_t length = 0;  // in bytes; 0: no UTF-8
  std::uint32_t code = 0;
};

// RFC 3629 §4
Character decode(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return {1, first};
  std::size_t length = 0;
  std::uint32_t code = 0;
  std::uint32_t least = 0;
  if ((first & 0xe0U) == 0xc0) {
    length = 2;
    code = first & 0x1fU;
    least = 0x80;
  } else if ((first & 0xf0U) == 0xe0) {
    length = 3;
    code = first & 0x0fU;
    least = 0x800;
  } else if ((first & 0xf8U) == 0xf0) {
    length = 4;
    code = first & 0x07U;
    least = 0x10000;
  } else {
    return {};
  }
  if (text.size() < length) return {};
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xc0U) != 0x80) return {};
    code = (code << 6U) | (next & 0x3fU);
  }
  if (code < least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return {};
  return {length, code};
}

// What could move, hide or reorder text instead of showing something.
bool is_control(std::uint32_t code) {
  return code < 0x20 || (code >= 0x7f && code <= 0x9f) || code == 0xad || code == 0x61c || code == 0x180e ||
         (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
         (code >= 0x2060 && code <= 0x206f) || code == 0xfeff || (code >= 0xfff9 && code <= 0xfffb) ||
         (code >= 0xe0000 && code <= 0xe0fff);
}

void append_escape(std::string& out, const Character& character, unsigned char byte) {
  std::array<char, 16> escape{};
  if (character.length == 0 || character.code < 0x80) {
    switch (byte) {
      case '\n': out += "\\n"; return;
      case '\r': out += "\\r"; return;
      case '\t': out += "\\t"; return;
      default: std::snprintf(escape.data(), escape.size(), "\\x%02x", static_cast<unsigned>(byte));
    }
  } else {
    std::snprintf(escape.data(), escape.size(), "\\u{%x}", static_cast<unsigned>(character.code));
  }
  out += escape.data();
}

bool is_continuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Character character = decode(text);
    const std::size_t length = character.length == 0 ? 1 : character.length;
    if (character.length == 0 || is_control(character.code)) {
      append_escape(out, character, static_cast<unsigned char>(text[0]));
    } else {
      out.append(text.substr(0, length));
    }
    text.remove_prefix(length);
  }
  return out;
}

std::string printable_start(std::string_view text, std::size_t longest) {
  // An escape is never shorter than what it stands for, so this much is enough to fill the limit.
  std::string out = printable(text.substr(0, longest + 4));
  if (out.size() <= longest && text.size() <= longest) return out;
  std::size_t end = longest;
  while (end > 0 && end < out.size() && is_continuation(out[end])) --end;
  out.resize(end);
  out += kLeftOut;
  return out;
}

std::string printable_end(std::string_view text, std::size_t longest) {
  const bool cut = text.size() > longest;
  std::string_view end = cut ? text.substr(text.size() - longest) : text;
  // The cut may fall into the middle of a character, which is no damage of the text.
  if (cut)
    for (int i = 0; i < 3 && !end.empty() && is_continuation(end[0]); ++i) end.remove_prefix(1);
  std::string out = printable(end);
  if (out.size() > longest) {
    std::size_t begin = out.size() - longest;
    while (begin < out.size() && is_continuation(out[begin])) ++begin;
    out.erase(0, begin);
    return std::string(kLeftOut) + out;
  }
  return cut ? std::string(kLeftOut) + out : out;
}

}  // namespace certctl::sys
