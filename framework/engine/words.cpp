#include "framework/engine/words.hpp"

#include <array>
#include <cstdio>
#include <ctime>
#include <utility>

namespace certctl::engine {

std::string say_time(EpochSeconds at) {
  if (at == 0) return {};
  const std::time_t seconds = at;
  std::tm fields{};
  if (gmtime_r(&seconds, &fields) == nullptr) return "at an unrepresentable time";
  std::array<char, 40> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &fields);
  return std::string(text.data(), length);
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
  return TimePoint(std::chrono::seconds(at));
}

}  // namespace certctl::engine
