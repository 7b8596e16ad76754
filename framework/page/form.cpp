#include "framework/page/form.hpp"

namespace certctl::page {
namespace {

int digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> decode(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '+') {
      c = ' ';
    } else if (c == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = digit(text[i + 1]);
      const int low = digit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (c == '\0') return std::nullopt;
    result += c;
  }
  return result;
}

}  // namespace

std::optional<Form> parse_form(std::string_view text, std::size_t longest) {
  if (text.size() > longest) return std::nullopt;
  Form form;
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('&'));
    text.remove_prefix(pair.size() < text.size() ? pair.size() + 1 : pair.size());
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    auto name = decode(pair.substr(0, equals));
    auto value = decode(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1));
    if (!name || !value || form.size() == kMostFields) return std::nullopt;
    if (!form.emplace(std::move(*name), std::move(*value)).second) return std::nullopt;
  }
  return form;
}

const std::string& field(const Form& form, std::string_view name) {
  static const std::string kNothing;
  const auto it = form.find(name);
  return it == form.end() ? kNothing : it->second;
}

}  // namespace certctl::page
