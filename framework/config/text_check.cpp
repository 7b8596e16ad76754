#include "framework/config/text_check.hpp"

#include <cstdio>

#include "framework/config/tree.hpp"

namespace certctl::config {
namespace {

Diagnostic at(const std::string& file, int line, std::size_t column, const char* code, std::string message,
              const char* hint) {
  return {{file, line, static_cast<int>(column)}, Severity::error, code, std::move(message), hint, {}};
}

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

bool forbidden_control(unsigned char c) noexcept {
  return (c < 0x20 && c != '\n' && c != '\t' && c != '\r') || c == 0x7F;
}

}  // namespace

std::size_t utf8_length(std::string_view text) noexcept {
  if (text.empty()) return 0;
  const auto byte = [&](std::size_t i) -> unsigned { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  // Overlong forms, surrogates, beyond U+10FFFF.
  if (first == 0xE0 && byte(1) < 0xA0) return 0;
  if (first == 0xED && byte(1) > 0x9F) return 0;
  if (first == 0xF0 && byte(1) < 0x90) return 0;
  if (first == 0xF4 && byte(1) > 0x8F) return 0;
  return length;
}

bool is_plain_text(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size();) {
    if (forbidden_control(static_cast<unsigned char>(text[i])) || text[i] == '\r') return false;
    const std::size_t length = utf8_length(text.substr(i));
    if (length == 0) return false;
    // C1 controls, U+0080..U+009F.
    if (length == 2 && static_cast<unsigned char>(text[i]) == 0xC2 && static_cast<unsigned char>(text[i + 1]) < 0xA0)
      return false;
    i += length;
  }
  return true;
}

std::optional<Diagnostic> check_text(std::string_view text, const std::string& file) {
  static constexpr const char* kEncoding = "save it as UTF-8 without byte order mark";
  if (text.size() > kMaxFileSize)
    return at(file, 0, 0, "file-too-large", "the file is larger than 1 MiB", "split it into profiles");
  if (starts_with(text, "\xEF\xBB\xBF"))
    return at(file, 1, 1, "bad-encoding", "the file begins with a byte order mark", kEncoding);
  if (starts_with(text, "\xFE\xFF") || starts_with(text, "\xFF\xFE") ||
      (text.size() >= 2 && (text[0] == '\0') != (text[1] == '\0')))
    return at(file, 1, 1, "bad-encoding", "the file is not UTF-8 but looks like UTF-16 or UTF-32", kEncoding);

  int line = 1;
  std::size_t begin = 0;  // of the line
  for (std::size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    const std::size_t column = i - begin + 1;
    if (c == '\t' && i == begin)
      return at(file, line, 1, "tab-indentation", "a tab at the beginning of a line", "indent with blanks");
    if (c == 0) return at(file, line, column, "bad-character", "a NUL character", "remove it");
    if (c == '\r' && (i + 1 == text.size() || text[i + 1] != '\n'))
      return at(file, line, column, "bad-character", "a carriage return inside of a line",
                "end lines with a line feed");
    if (forbidden_control(c)) {
      char name[32];
      std::snprintf(name, sizeof name, "a control character (0x%02X)", static_cast<unsigned>(c));
      return at(file, line, column, "bad-character", name, "remove it");
    }
    const std::size_t length = utf8_length(text.substr(i));
    if (length == 0) return at(file, line, column, "bad-encoding", "an octet that is not UTF-8", kEncoding);
    if (c == '\n') {
      ++line;
      begin = i + 1;
    }
    i += length;
  }
  return std::nullopt;
}

}  // namespace certctl::config
