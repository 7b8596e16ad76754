#include <catch2/catch.hpp>

#include "framework/engine/retry.hpp"
#include "tests/unit/engine/moment.hpp"

using namespace certctl;
using namespace certctl::engine;
using test::error;
using test::kNow;

namespace {
const Random kAlmostOne = [] { return 0.999999; };
}  // namespace

TEST_CASE("the delay doubles from one minute and ends at six hours") {
  CHECK(delay_after(error(RetryClass::later), 0, kAlmostOne).count() == 60);
  CHECK(delay_after(error(RetryClass::later), 1, kAlmostOne).count() == 120);
  CHECK(delay_after(error(RetryClass::later), 5, kAlmostOne).count() == 1920);
  CHECK(delay_after(error(RetryClass::later), 9, kAlmostOne).count() == 21600);
  CHECK(delay_after(error(RetryClass::later), 1'000'000, kAlmostOne).count() == 21600);
}

TEST_CASE("the jitter is full: any second between now and the limit") {
  CHECK(delay_after(error(RetryClass::later), 9, [] { return 0.0; }).count() == 1);
  CHECK(delay_after(error(RetryClass::later), 9, [] { return 0.5; }).count() == 10800);
}

TEST_CASE("a server's hint is clamped to one minute and one day") {
  using std::chrono::seconds;
  CHECK(delay_after(error(RetryClass::after, seconds(0)), 0, kAlmostOne) == seconds(60));
  CHECK(delay_after(error(RetryClass::after, seconds(-5)), 0, kAlmostOne) == seconds(60));
  CHECK(delay_after(error(RetryClass::after, seconds(600)), 0, kAlmostOne) == seconds(600));
  CHECK(delay_after(error(RetryClass::after, seconds(1'000'000'000'000)), 0, kAlmostOne) == seconds(86400));
}

TEST_CASE("never is tried daily, and at once when profile or challenge changed") {
  AttemptRecord attempts;
  count_attempt(attempts, kNow, kAlmostOne);
  fail_attempt(attempts, error(RetryClass::never), kNow, kAlmostOne);
  CHECK(next_attempt(attempts, kNow, false, false) == kNow + 86400);
  CHECK(next_attempt(attempts, kNow, true, false) == 0);
}

TEST_CASE("a changed profile does not shorten the back-off of a passing fault") {
  AttemptRecord attempts;
  count_attempt(attempts, kNow, kAlmostOne);
  fail_attempt(attempts, error(RetryClass::later), kNow, kAlmostOne);
  CHECK(next_attempt(attempts, kNow, true, false) == kNow + 60);
}

TEST_CASE("an attempt counts before it is sent and is taken off by success or pending") {
  AttemptRecord attempts;
  count_attempt(attempts, kNow, kAlmostOne);
  CHECK(attempts_today(attempts, kNow) == 1);
  CHECK(next_attempt(attempts, kNow, false, false) == kNow + 60);  // as if it had failed: a crash here backs off
  drop_attempt(attempts);
  CHECK(attempts_today(attempts, kNow) == 0);
  CHECK(next_attempt(attempts, kNow, false, false) == 0);
}

TEST_CASE("at most 24 attempts a day: force skips the delay, not the cap") {
  AttemptRecord attempts;
  for (int i = 0; i < 24; ++i) {
    CHECK(next_attempt(attempts, kNow + i, false, true) <= kNow + i);
    count_attempt(attempts, kNow + i, kAlmostOne);
    fail_attempt(attempts, error(RetryClass::later), kNow + i, kAlmostOne);
  }
  CHECK(next_attempt(attempts, kNow + 24, false, true) == kNow + 86400);
  CHECK(next_attempt(attempts, kNow + 86400, false, true) <= kNow + 86400);
}

TEST_CASE("a next try beyond the limit comes from a clock that ran ahead and counts as now") {
  AttemptRecord attempts;
  attempts.next_try = kNow + 10LL * 365 * 86400;
  attempts.counted.assign(24, kNow + 10LL * 365 * 86400);
  CHECK(next_attempt(attempts, kNow, false, false) == 0);
  CHECK(attempts_today(attempts, kNow) == 0);
}

TEST_CASE("a year of failures stays within the cap on every day") {
  AttemptRecord attempts;
  unsigned state = 1;
  const Random random = [&] {
    state = state * 1664525u + 1013904223u;
    return static_cast<double>(state >> 8) / static_cast<double>(1u << 24);
  };
  std::vector<EpochSeconds> sent;
  EpochSeconds now = kNow;
  while (now < kNow + 365LL * 86400) {
    const EpochSeconds next = next_attempt(attempts, now, false, false);
    if (next > now) {
      now = next;
      continue;
    }
    count_attempt(attempts, now, random);
    fail_attempt(attempts, error(RetryClass::later), now, random);
    sent.push_back(now);
    now += 1;
  }
  std::size_t most = 0;
  for (std::size_t first = 0, last = 0; last < sent.size(); ++last) {
    while (sent[last] - sent[first] >= 86400) ++first;
    most = std::max(most, last - first + 1);
  }
  CHECK(most <= kAttemptsPerDay);
  CHECK(sent.size() > 365);  // it does go on trying
}
