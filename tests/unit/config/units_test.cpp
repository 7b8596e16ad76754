#include "framework/config/units.hpp"

#include <catch2/catch.hpp>

using namespace certctl;
using namespace certctl::config;
using namespace std::chrono_literals;

namespace {

template <class Parser>
std::string refused_value(Parser&& parser) {
  try {
    (void)parser();
  } catch (const Failure& failure) {
    CHECK(failure.error().code == "bad-value");
    CHECK(failure.error().retry == RetryClass::never);
    return failure.error().message;
  }
  return {};
}

}  // namespace

TEST_CASE("durations have a unit") {
  CHECK(parse_duration("90s") == 90s);
  CHECK(parse_duration("15m") == 15min);
  CHECK(parse_duration("12h") == 12h);
  CHECK(parse_duration("30d") == 720h);
  CHECK(parse_duration("2w") == 336h);
  CHECK(parse_duration("1y") == 8760h);
  CHECK(parse_duration("0s") == 0s);
  CHECK(parse_duration("100y") == 876000h);
  for (const char* bad : {"", "60", "s", "1.5h", "1e3s", "010s", "-1s", "+1s", " 1s", "1 s", "1s ", "1M", "1sec",
                          "1h30m", "101y", "99999999999999999999s", "9223372036854775807y", "0x10s"}) {
    INFO(bad);
    CHECK(refused_value([&] { return parse_duration(bad); }) == "'" + std::string(bad) + "' is no duration");
  }
}

TEST_CASE("a duration's text is the shortest that reads back") {
  CHECK(duration_text(90s) == "90s");
  CHECK(duration_text(7200s) == "2h");
  CHECK(duration_text(720h) == "30d");
  CHECK(duration_text(336h) == "2w");
  CHECK(duration_text(0s) == "0s");
  for (const std::int64_t seconds : {1, 59, 60, 61, 86400, 604800, 31536000, 31536001})
    CHECK(parse_duration(duration_text(std::chrono::seconds(seconds))).count() == seconds);
}

TEST_CASE("sizes have a unit") {
  CHECK(parse_size("512B") == 512);
  CHECK(parse_size("64KiB") == 65536);
  CHECK(parse_size("4MiB") == 4194304);
  CHECK(parse_size("1GiB") == 1073741824);
  for (const char* bad : {"4", "4MB", "4M", "4 MiB", "-1B", "99999999999GiB"}) {
    INFO(bad);
    CHECK(refused_value([&] { return parse_size(bad); }) == "'" + std::string(bad) + "' is no size");
  }
  CHECK(size_text(4194304) == "4MiB");
  CHECK(size_text(1000) == "1000B");
}

TEST_CASE("whole numbers are decimal") {
  CHECK(parse_integer("0") == 0);
  CHECK(parse_integer("-5") == -5);
  CHECK(parse_integer("9223372036854775807") == INT64_MAX);
  for (const char* bad : {"", "0755", "1e3", "0x10", "1_000", "+1", "1.0", " 1", "--1", "-", "9223372036854775808"}) {
    INFO(bad);
    CHECK(refused_value([&] { return parse_integer(bad); }) == "'" + std::string(bad) + "' is no whole number");
  }
}

TEST_CASE("a renewal threshold says whether it is left or elapsed") {
  CHECK(parse_threshold("30d left").left == 720h);
  CHECK(parse_threshold("30% left").percent_left == 30);
  CHECK_FALSE(parse_threshold("30% left").left);
  CHECK(parse_threshold("70% elapsed").percent_left == 30);
  CHECK(parse_threshold("30d  left").text == "30d left");
  for (const char* bad : {"", "30d", "30%", "30 % left", "0% left", "100% left", "30d elapsed", "left", "30 left",
                          "30d left now", "0s left", "-1% left", "left 30d", "33.3% left"}) {
    INFO(bad);
    CHECK(refused_value([&] { return parse_threshold(bad); }) == "'" + std::string(bad) + "' is no renewal threshold");
  }
}
