#include "framework/sdk/exec/lines.hpp"

#include <certctl/result.hpp>

#include <algorithm>
#include <charconv>

#include "framework/sys/printable.hpp"
#include "framework/sys/shown_output.hpp"

namespace certctl::exec {
namespace {

Failure malformed(const std::string& what) {
  return Failure::never("exec-malformed", "the executable says " + what,
                        "its standard output takes key=value lines only; everything else belongs to standard error");
}

std::string unescaped(std::string_view value) {
  std::string text;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] != '\\' || i + 1 == value.size()) {
      text += value[i];
      continue;
    }
    switch (value[++i]) {
      case 'n': text += '\n'; break;
      case 'r': text += '\r'; break;
      case '\\': text += '\\'; break;
      default: text.append({'\\', value[i]});  // a Windows path that nobody escaped
    }
  }
  return text;
}

bool is_key(std::string_view key) {
  return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
  });
}

}  // namespace

void LineWriter::add(std::string_view key, std::string_view value) {
  if (key.find_first_of(std::string_view("=\n\r\0", 4)) != std::string_view::npos) {
    throw Failure::never("exec-value", "'" + sys::printable_start(key, 100) + "' can't be told to an executable");
  }
  text_.append(key).push_back('=');
  for (const char c : value) {
    switch (c) {
      case '\n': text_ += "\\n"; break;
      case '\r': text_ += "\\r"; break;
      case '\0': text_ += "\\0"; break;
      case '\\': text_ += "\\\\"; break;
      default: text_ += c;
    }
  }
  text_ += '\n';
}

Lines Lines::parse(std::string_view text) {
  Lines result;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) continue;
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos || !is_key(line.substr(0, equals))) {
      throw malformed("'" + sys::shown_start(line, 100) + "', which is no key=value line");
    }
    result.lines_.emplace_back(line.substr(0, equals), unescaped(line.substr(equals + 1)));
  }
  result.asked_.resize(result.lines_.size());
  return result;
}

std::optional<std::string> Lines::optional(const std::string& key) {
  std::vector<std::string> values = all(key);
  if (values.size() > 1) throw malformed("'" + key + "' more than once");
  if (values.empty()) return std::nullopt;
  return std::move(values[0]);
}

std::vector<std::string> Lines::all(const std::string& key) {
  std::vector<std::string> values;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (lines_[i].first != key) continue;
    asked_[i] = true;
    values.push_back(lines_[i].second);
  }
  return values;
}

bool Lines::flag(const std::string& key, bool fallback) {
  const auto value = optional(key);
  if (!value) return fallback;
  if (*value != "true" && *value != "false")
    throw malformed(key + "='" + sys::shown_start(*value, 50) + "', not true or false");
  return *value == "true";
}

std::optional<long long> Lines::number(const std::string& key) {
  const auto value = optional(key);
  if (!value) return std::nullopt;
  long long number = 0;
  const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), number);
  if (error != std::errc() || end != value->data() + value->size() || number < 0) {
    throw malformed(key + "='" + sys::shown_start(*value, 50) + "', which is no number");
  }
  return number;
}

void Lines::reject_rest() const {
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (!asked_[i]) throw malformed("'" + sys::shown_start(lines_[i].first, 50) + "', which means nothing here");
  }
}

}  // namespace certctl::exec
