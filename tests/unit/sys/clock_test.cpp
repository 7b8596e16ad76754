#include "framework/sys/clock.hpp"

#include <catch2/catch.hpp>

using namespace certctl;
using namespace certctl::sys;
using std::chrono::seconds;

TEST_CASE("times as date(1) prints them") {  // date -u -d @N +%FT%TZ
  CHECK(text_time(TimePoint(seconds(0))) == "1970-01-01T00:00:00Z");
  CHECK(text_time(TimePoint(seconds(1798761600))) == "2027-01-01T00:00:00Z");
  CHECK(text_time(TimePoint(seconds(1709210096))) == "2024-02-29T12:34:56Z");
  CHECK(text_time(TimePoint(seconds(-1))) == "1969-12-31T23:59:59Z");
  CHECK(text_time(TimePoint(std::chrono::nanoseconds(1'999'999'999))) == "1970-01-01T00:00:01Z");
  CHECK(text_time(TimePoint(seconds(4102444799))) == "2099-12-31T23:59:59Z");
}

TEST_CASE("times are read back, and nothing else is taken for one") {
  for (const long at : {0L, 1709210096L, 4102444799L, -86400L * 365 * 200}) {
    CHECK(parse_time(text_time(TimePoint(seconds(at)))) == TimePoint(seconds(at)));
  }
  for (const char* wrong :
       {"", "2024-02-30T00:00:00Z", "2023-02-29T00:00:00Z", "2024-13-01T00:00:00Z", "2024-01-01T24:00:00Z",
        "2024-01-01T00:60:00Z", "2024-01-01T00:00:60Z", "2024-01-01T00:00:00", "2024-01-01 00:00:00Z",
        "2024-1-01T00:00:000Z", "+024-01-01T00:00:00Z", "2024-01-01T00:00:00Zx", "9999-01-01T00:00:00Z"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_time(wrong).has_value());
  }
  FixedClock clock(TimePoint(seconds(5)));
  CHECK(clock.now() == TimePoint(seconds(5)));
  clock.set(TimePoint(seconds(6)));
  CHECK(clock.now() == TimePoint(seconds(6)));
}
