#include "framework/daemon/web/moments.hpp"

#include <time.h>

#include <array>
#include <charconv>

namespace certctl::web {
namespace {

std::optional<int> number(std::string_view text, std::size_t at, std::size_t digits) {
  int value = 0;
  const auto read = std::from_chars(text.data() + at, text.data() + at + digits, value);
  if (read.ec != std::errc() || read.ptr != text.data() + at + digits || value < 0) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::int64_t> read_moment(std::string_view text) {
  if (text.size() != 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' ||
      text[19] != 'Z')
    return std::nullopt;
  std::array<int, 6> parts{};
  constexpr std::array<std::pair<std::size_t, std::size_t>, 6> kPlaces{
      {{0, 4}, {5, 2}, {8, 2}, {11, 2}, {14, 2}, {17, 2}}};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto part = number(text, kPlaces[i].first, kPlaces[i].second);
    if (!part) return std::nullopt;
    parts[i] = *part;
  }
  tm broken{};
  broken.tm_year = parts[0] - 1900;
  broken.tm_mon = parts[1] - 1;
  broken.tm_mday = parts[2];
  broken.tm_hour = parts[3];
  broken.tm_min = parts[4];
  broken.tm_sec = parts[5];
  return ::timegm(&broken);
}

std::string span_text(std::int64_t seconds) {
  struct Unit {
    std::int64_t length;
    std::int64_t from;  // shown in this unit from so many seconds on
    const char* name;
  };
  constexpr std::int64_t kDay = 86400;
  constexpr std::array<Unit, 4> kUnits{
      {{365 * kDay, 730 * kDay, "year"}, {kDay, 2 * kDay, "day"}, {3600, 7200, "hour"}, {60, 120, "minute"}}};
  for (const Unit& unit : kUnits)
    if (seconds >= unit.from) return std::to_string(seconds / unit.length) + " " + unit.name + "s";
  return std::to_string(seconds) + (seconds == 1 ? " second" : " seconds");
}

std::string moment_text(const std::string& text, std::int64_t now) {
  const auto moment = read_moment(text);
  if (!moment) return text;
  const std::string shown = text.substr(0, 10) + " " + text.substr(11, 5) + " UTC";
  if (*moment >= now) return shown + " (in " + span_text(*moment - now) + ")";
  return shown + " (" + span_text(now - *moment) + " ago)";
}

}  // namespace certctl::web
