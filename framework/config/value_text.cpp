#include "framework/config/value_text.hpp"

#include <cstdio>

#include "framework/config/units.hpp"

namespace certctl::config {
namespace {

bool safe_plain(std::string_view text) {
  static constexpr std::string_view kSafe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+@%$=-:";
  static constexpr std::string_view kSafeFirst = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+$";
  if (text.empty() || text.size() > 200 || kSafeFirst.find(text.front()) == std::string_view::npos) return false;
  if (text.find_first_not_of(kSafe) != std::string_view::npos || text.back() == ':') return false;
  return text != "null" && text != "Null" && text != "NULL";
}

}  // namespace

std::string scalar_text(std::string_view text) {
  if (safe_plain(text)) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (c == '\n') {
      quoted += "\\n";
    } else if (c == '\t') {
      quoted += "\\t";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\x%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
      quoted += escape;
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

std::string list_text(const std::vector<std::string>& list) {
  std::string text;
  for (const std::string& item : list) text += (text.empty() ? "" : ", ") + scalar_text(item);
  return text.empty() ? "[]" : "[ " + text + " ]";
}

std::string command_text(const Command& command) {
  return command.shell ? scalar_text(command.arguments.empty() ? std::string() : command.arguments.front())
                       : list_text(command.arguments);
}

std::string value_text(const OptionSpec& spec, const OptionValue& value) {
  struct Visitor {
    OptionType type;
    std::string operator()(std::monostate) const { return {}; }
    std::string operator()(const std::string& v) const { return scalar_text(v); }
    std::string operator()(std::int64_t v) const { return type == OptionType::size ? size_text(v) : std::to_string(v); }
    std::string operator()(bool v) const { return v ? "true" : "false"; }
    std::string operator()(std::chrono::seconds v) const { return duration_text(v); }
    std::string operator()(const std::vector<std::string>& v) const { return list_text(v); }
    std::string operator()(const std::vector<std::pair<std::string, std::string>>& v) const {
      std::string text;
      for (const auto& [key, item] : v)
        text += (text.empty() ? "" : ", ") + scalar_text(key) + ": " + scalar_text(item);
      return text.empty() ? "{}" : "{ " + text + " }";
    }
    std::string operator()(const Command& v) const { return command_text(v); }
    std::string operator()(const SecretSource& v) const {
      return v.file.empty() ? "(secret)" : "{ file: " + scalar_text(v.file) + " }";
    }
  };
  return std::visit(Visitor{spec.type}, value);
}

}  // namespace certctl::config
