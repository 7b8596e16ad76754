#include "framework/crypto/asn1_time.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

namespace certctl::crypto {
namespace {

using Days = std::chrono::duration<std::int64_t, std::ratio<86400>>;
constexpr std::int64_t kSecondsOfDay = 86400;

// timegm() ends in 2038 where time_t has 32 bits.
std::int64_t days_of(int year, unsigned month, unsigned day) noexcept {
  const std::chrono::sys_days days = std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{day};
  return days.time_since_epoch().count();
}

}  // namespace

std::optional<std::int64_t> time_seconds(const ASN1_TIME* time) noexcept {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  const std::int64_t days =
      days_of(parts.tm_year + 1900, static_cast<unsigned>(parts.tm_mon + 1), static_cast<unsigned>(parts.tm_mday));
  return days * kSecondsOfDay + parts.tm_hour * 3600LL + parts.tm_min * 60LL + parts.tm_sec;
}

std::optional<std::int64_t> plain_time_seconds(std::span<const std::uint8_t> text, bool generalized) noexcept {
  const std::size_t year_digits = generalized ? 4 : 2;
  if (text.size() != year_digits + 11 || text.back() != 'Z') return std::nullopt;
  if (!std::all_of(text.begin(), text.end() - 1, [](std::uint8_t c) { return c >= '0' && c <= '9'; }))
    return std::nullopt;
  const auto number = [&](std::size_t at, std::size_t digits) {
    int value = 0;
    for (std::size_t i = at; i < at + digits; ++i) value = value * 10 + (text[i] - '0');
    return value;
  };
  int year = number(0, year_digits);
  if (!generalized) year += year < 50 ? 2000 : 1900;  // RFC 5280 §4.1.2.5.1
  const auto part = [&](std::size_t index) { return number(year_digits + 2 * index, 2); };
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(part(0))},
                                         std::chrono::day{static_cast<unsigned>(part(1))}};
  if (!date.ok() || part(2) > 23 || part(3) > 59 || part(4) > 59) return std::nullopt;
  return days_of(year, static_cast<unsigned>(part(0)), static_cast<unsigned>(part(1))) * kSecondsOfDay +
         part(2) * 3600LL + part(3) * 60LL + part(4);
}

bool set_time(ASN1_TIME* out, TimePoint time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto day = std::chrono::floor<Days>(seconds);
  const std::chrono::year_month_day date{
      std::chrono::sys_days(std::chrono::days(static_cast<std::chrono::days::rep>(day.time_since_epoch().count())))};
  const int year = static_cast<int>(date.year());
  if (year < 0 || year > 9999) return false;
  const long of_day = static_cast<long>((seconds - day).count());
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%04d%02u%02u%02ld%02ld%02ldZ", year, static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), of_day / 3600, of_day / 60 % 60, of_day % 60);
  return ASN1_TIME_set_string_X509(out, text.data()) == 1;
}

TimePoint time_point(std::int64_t seconds) noexcept {
  constexpr auto kLast = std::chrono::floor<std::chrono::seconds>(TimePoint::max()).time_since_epoch().count();
  constexpr auto kFirst = std::chrono::ceil<std::chrono::seconds>(TimePoint::min()).time_since_epoch().count();
  if (seconds > kLast) seconds = kLast;
  if (seconds < kFirst) seconds = kFirst;
  return TimePoint(std::chrono::duration_cast<TimePoint::duration>(std::chrono::seconds(seconds)));
}

}  // namespace certctl::crypto
