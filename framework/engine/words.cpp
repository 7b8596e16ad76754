#include "framework/engine/words.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <utility>

namespace certctl::engine {

// Without time_t, which has 32 bits on some routers, and TimePoint, which ends in 2262: certificates end in 9999 (RFC
// 5280 §4.1.2.5).
std::string say_time(EpochSeconds at) {
  constexpr EpochSeconds kYear0 = -62'167'219'200;
  constexpr EpochSeconds kYear9999 = 253'402'300'799;
  if (at == 0) return {};
  if (at < kYear0 || at > kYear9999) return "at an unrepresentable time";
  using Seconds = std::chrono::duration<EpochSeconds>;
  const std::chrono::sys_time<Seconds> time{Seconds(at)};
  const std::chrono::sys_days day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const auto of_day = static_cast<int>((time - day).count());
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), of_day / 3600, of_day / 60 % 60,
                of_day % 60);
  return text.data();
}

std::string say_duration(EpochSeconds seconds) {
  if (seconds < 0) seconds = -seconds;
  constexpr std::array<std::pair<EpochSeconds, const char*>, 3> kUnits{
      {{24 * 3600, "day"}, {3600, "hour"}, {60, "minute"}}};
  for (const auto& [size, name] : kUnits) {
    // Two of a unit say more than one: "36 hours" rather than "1 day".
    if (seconds >= 2 * size) return std::to_string(seconds / size) + " " + name + "s";
  }
  return std::to_string(seconds) + (seconds == 1 ? " second" : " seconds");
}

EpochSeconds epoch(TimePoint at) {
  return std::chrono::floor<std::chrono::seconds>(at.time_since_epoch()).count();
}

TimePoint time_point(EpochSeconds at) {
  using std::chrono::seconds;
  constexpr auto kFirst = std::chrono::ceil<seconds>(TimePoint::min()).time_since_epoch().count();
  constexpr auto kLast = std::chrono::floor<seconds>(TimePoint::max()).time_since_epoch().count();
  return TimePoint(seconds(std::clamp<EpochSeconds>(at, kFirst, kLast)));
}

}  // namespace certctl::engine
