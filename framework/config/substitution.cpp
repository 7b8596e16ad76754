#include "framework/config/substitution.hpp"

#include <certctl/result.hpp>

#include "framework/config/diagnostic.hpp"

namespace certctl::config {
namespace {

bool is_word(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// Whether SN at `i` is a token, and inside of a value.
bool is_serial_token(std::string_view text, std::size_t i) noexcept {
  if (text.substr(i, 2) != "SN") return false;
  const char before = i == 0 ? '\0' : text[i - 1];
  const char after = i + 2 < text.size() ? text[i + 2] : '\0';
  if (is_word(before) || is_word(after)) return false;
  return !(after == '=' && (before == '/' || before == '+'));
}

}  // namespace

std::string substitute_serial(std::string_view text, const SerialSource& serial) {
  static constexpr std::string_view kVariable = "${device_serial}";
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      result.append(text.substr(i, 2));
      i += 2;
    } else if (text.substr(i, 2) == "${") {
      if (text.substr(i, kVariable.size()) != kVariable) {
        const std::size_t end = text.find('}', i);
        throw Failure::never("unknown-variable",
                             "unknown variable " + quote(text.substr(i, end == text.npos ? end : end - i + 1)),
                             "${device_serial} is the only one; write \\${ for the characters");
      }
      result += serial();
      i += kVariable.size();
    } else if (is_serial_token(text, i)) {
      result += serial();
      i += 2;
    } else {
      result += text[i++];
    }
  }
  return result;
}

}  // namespace certctl::config
