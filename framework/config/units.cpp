#include "framework/config/units.hpp"

#include <array>
#include <charconv>
#include <utility>

#include "framework/config/diagnostic.hpp"

namespace certctl::config {
namespace {

using Unit = std::pair<std::string_view, std::int64_t>;

// From large to small, so that the shortest text is found first.
constexpr std::array<Unit, 6> kTimes = {
    {{"y", 365LL * 86400}, {"w", 7LL * 86400}, {"d", 86400}, {"h", 3600}, {"m", 60}, {"s", 1}}};
constexpr std::array<Unit, 4> kSizes = {{{"GiB", 1LL << 30}, {"MiB", 1LL << 20}, {"KiB", 1LL << 10}, {"B", 1}}};

constexpr std::int64_t kMaxSeconds = 100LL * 365 * 86400;
constexpr std::int64_t kMaxBytes = 1LL << 50;

[[noreturn]] void bad(std::string_view text, const std::string& what, std::string hint) {
  throw Failure::never("bad-value", quote(text) + " is no " + what, std::move(hint));
}

// The digits that `text` begins with, as a number; leading zeros only for 0 itself.
bool take_digits(std::string_view& text, std::int64_t& number) {
  const char* begin = text.data();
  const char* end = begin + text.size();
  if (text.empty() || text[0] < '0' || text[0] > '9') return false;
  if (text[0] == '0' && text.size() > 1 && text[1] >= '0' && text[1] <= '9') return false;
  const auto [rest, error] = std::from_chars(begin, end, number);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(rest - begin));
  return true;
}

template <std::size_t N>
std::int64_t with_unit(std::string_view text, const std::array<Unit, N>& units, std::int64_t limit,
                       const std::string& what, const std::string& hint) {
  std::string_view rest = text;
  std::int64_t number = 0;
  if (!take_digits(rest, number)) bad(text, what, hint);
  for (const auto& [name, factor] : units) {
    if (rest != name) continue;
    if (number > limit / factor) bad(text, what, "it is too large");
    return number * factor;
  }
  bad(text, what, hint);
}

template <std::size_t N>
std::string shortest(std::int64_t number, const std::array<Unit, N>& units) {
  for (const auto& [name, factor] : units) {
    if (number != 0 && number % factor == 0) return std::to_string(number / factor) + std::string(name);
  }
  return "0" + std::string(units.back().first);
}

}  // namespace

std::chrono::seconds parse_duration(std::string_view text) {
  return std::chrono::seconds(
      with_unit(text, kTimes, kMaxSeconds, "duration", "write a number and a unit: 90s, 15m, 12h, 30d, 2w, 1y"));
}

std::string duration_text(std::chrono::seconds duration) {
  return shortest(duration.count(), kTimes);
}

std::int64_t parse_size(std::string_view text) {
  return with_unit(text, kSizes, kMaxBytes, "size", "write a number and a unit: 512B, 64KiB, 4MiB, 1GiB");
}

std::string size_text(std::int64_t bytes) {
  return shortest(bytes, kSizes);
}

std::int64_t parse_integer(std::string_view text) {
  std::string_view rest = text;
  const bool negative = !rest.empty() && rest[0] == '-';
  if (negative) rest.remove_prefix(1);
  std::int64_t number = 0;
  if (!take_digits(rest, number) || !rest.empty())
    bad(text, "whole number", "write decimal digits without leading zeros");
  return negative ? -number : number;
}

RenewThreshold parse_threshold(std::string_view text) {
  static constexpr const char* kHint = "write \"30d left\", \"30% left\" or \"70% elapsed\"";
  const std::size_t blank = text.find(' ');
  const std::size_t word_begin = text.find_first_not_of(' ', blank);
  if (blank == std::string_view::npos || word_begin == std::string_view::npos) bad(text, "renewal threshold", kHint);
  const std::string_view amount = text.substr(0, blank);
  const std::string_view word = text.substr(word_begin);
  if (word != "left" && word != "elapsed") bad(text, "renewal threshold", kHint);

  RenewThreshold threshold;
  threshold.text = std::string(amount) + " " + std::string(word);
  if (!amount.empty() && amount.back() == '%') {
    std::string_view rest = amount;
    std::int64_t percent = 0;
    if (!take_digits(rest, percent) || rest != "%") bad(text, "renewal threshold", kHint);
    if (percent < 1 || percent > 99) bad(text, "renewal threshold", "the percentage must be from 1 to 99");
    threshold.percent_left = static_cast<int>(word == "left" ? percent : 100 - percent);
    return threshold;
  }
  if (word == "elapsed")
    bad(text, "renewal threshold", "a time can only be \"left\"; \"elapsed\" goes with a percentage");
  try {
    threshold.left = parse_duration(amount);
  } catch (const Failure&) {
    bad(text, "renewal threshold", kHint);
  }
  if (threshold.left->count() == 0) bad(text, "renewal threshold", "the time must be longer than nothing");
  return threshold;
}

}  // namespace certctl::config
