// Times and durations for people, up to the end of what a certificate can say.
#include "framework/engine/words.hpp"

#include <catch2/catch.hpp>
#include <limits>

using namespace certctl;
using namespace certctl::engine;

TEST_CASE("times from year 0 to the end of year 9999 are said exactly") {
  CHECK(say_time(0).empty());
  CHECK(say_time(1) == "1970-01-01T00:00:01Z");
  CHECK(say_time(-1) == "1969-12-31T23:59:59Z");
  CHECK(say_time(1'800'000'000) == "2027-01-15T08:00:00Z");
  CHECK(say_time(9'223'372'037) == "2262-04-11T23:47:17Z");    // one second after TimePoint's end
  CHECK(say_time(253'402'300'799) == "9999-12-31T23:59:59Z");  // RFC 5280 4.1.2.5
  for (const EpochSeconds beyond : {EpochSeconds{253'402'300'800}, std::numeric_limits<EpochSeconds>::max(),
                                    std::numeric_limits<EpochSeconds>::min()})
    CHECK(say_time(beyond) == "at an unrepresentable time");
}

TEST_CASE("what is beyond a TimePoint becomes its end, and never another time") {
  CHECK(epoch(time_point(1'800'000'000)) == 1'800'000'000);
  CHECK(time_point(253'402'300'799) > time_point(9'000'000'000));
  CHECK(time_point(-253'402'300'799) < time_point(-9'000'000'000));
}
