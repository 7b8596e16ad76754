#include "plugins/stores/scepclient/layout.hpp"

#include <algorithm>
#include <charconv>

namespace certctl::scepclient {
namespace {

constexpr std::string_view kUp = "../../";

bool is_lower_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_usable_serial(std::string_view serial) {
  return !serial.empty() && serial.size() <= 64 && std::all_of(serial.begin(), serial.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F');
  });
}

}  // namespace

std::optional<int> parse_number(std::string_view text) {
  if (text.empty() || text.size() > 9 || text.front() == '0') return std::nullopt;
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 1) return std::nullopt;
  return number;
}

std::string active_target(int generation) {
  return std::string(kGenerations) + "/" + std::to_string(generation);
}

std::optional<int> parse_active_target(std::string_view target) {
  const std::string prefix = std::string(kGenerations) + "/";
  if (!target.starts_with(prefix)) return std::nullopt;
  return parse_number(target.substr(prefix.size()));
}

std::string file_target(const std::string& name) {
  return std::string(kUp) + name;
}

std::optional<std::string> parse_file_target(std::string_view target) {
  if (!target.starts_with(kUp)) return std::nullopt;
  const std::string_view name = target.substr(kUp.size());
  if (name.empty() || name.size() > 255 || name.front() == '.' || name.find('/') != std::string_view::npos)
    return std::nullopt;
  return std::string(name);
}

std::string pair_name(const std::string& serial, const std::string& fingerprint, int attempt) {
  const std::string digits = fingerprint.substr(fingerprint.find(':') + 1);
  const std::string first = is_usable_serial(serial) ? serial : digits;
  if (attempt == 0) return first;
  const std::string second = first + "~" + digits.substr(0, 8);
  return attempt == 1 ? second : second + "-" + std::to_string(attempt);
}

bool is_profile_name(std::string_view text) {
  return !text.empty() && text.size() <= 63 && is_lower_or_digit(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_lower_or_digit(c) || c == '.' || c == '_' || c == '-'; });
}

}  // namespace certctl::scepclient
