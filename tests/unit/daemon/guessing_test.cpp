#include "framework/daemon/guessing.hpp"

#include <catch2/catch.hpp>

using namespace certctl::daemon;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

// Tries whenever it may, for an hour; how many tries it had.
int guesses_in_an_hour(Guessing& guessing, int addresses, Guessing::Time& now) {
  int tried = 0;
  for (int second = 0; second < 3600; ++second, now += seconds{1})
    for (int i = 0; i < addresses; ++i)
      if (guessing.begin_try("192.0.2." + std::to_string(i), now) == seconds{0}) ++tried;
  return tried;
}

}  // namespace

TEST_CASE("the first tries are free, then each waits longer") {
  Guessing guessing;
  Guessing::Time now{};
  for (int i = 0; i < Guessing::kFreeTries; ++i) CHECK(guessing.begin_try("a", now) == seconds{0});
  CHECK(guessing.begin_try("a", now) == seconds{1});
  CHECK(guessing.begin_try("a", now + milliseconds{500}) == seconds{1});
  now += seconds{1};
  CHECK(guessing.begin_try("a", now) == seconds{0});
  CHECK(guessing.begin_try("a", now) == seconds{2});
  CHECK(guessing.begin_try("b", now) == seconds{0});  // another address is another person
  guessing.succeeded("a", now);
  CHECK(guessing.begin_try("a", now) == seconds{0});
}

TEST_CASE("one address has a guess a minute, and two hundred have one a second together") {
  Guessing one;
  Guessing::Time now{};
  CHECK(guesses_in_an_hour(one, 1, now) <= 70);
  Guessing many;
  CHECK(guesses_in_an_hour(many, 200, now) <= 3600 + Guessing::kBurst);
}

TEST_CASE("whoever was in before is not kept out by those who guess") {
  Guessing guessing;
  Guessing::Time now{};
  REQUIRE(guessing.begin_try("home", now) == seconds{0});
  guessing.succeeded("home", now);
  for (int i = 0; i < 1000; ++i) (void)guessing.begin_try("10.0.0." + std::to_string(i), now);
  CHECK(guessing.begin_try("fresh", now) != seconds{0});
  CHECK(guessing.begin_try("home", now) == seconds{0});
}

TEST_CASE("addresses without number do not fill the memory") {
  Guessing guessing;
  Guessing::Time now{};
  for (int i = 0; i < 5000; ++i, now += seconds{1}) (void)guessing.begin_try(std::to_string(i), now);
  // The one that was pushed out begins anew; the newest still waits.
  for (int i = 0; i < 4; ++i) (void)guessing.begin_try("x", now);
  CHECK(guessing.begin_try("x", now) > seconds{0});
}
