#include "framework/engine/failover.hpp"

#include <catch2/catch.hpp>

#include "framework/engine/retry.hpp"
#include "tests/unit/engine/moment.hpp"

namespace {

using namespace certctl;
using namespace certctl::engine;
using test::error;
using test::kNow;

const std::vector<std::string> kIssuers = {"first", "second", "third"};

void set_aside(Journal& journal, const std::string& issuer, EpochSeconds until) {
  journal.issuers[issuer].aside_until = until;
  journal.issuers[issuer].configuration_hash = "configuration";
}
std::size_t choose(const Journal& journal) {
  return choose_issuer(kIssuers, journal, kNow, "configuration");
}

}  // namespace

TEST_CASE("a request goes to the first issuer that is not set aside") {
  Journal journal;
  CHECK(choose(journal) == 0);
  set_aside(journal, "first", kNow + 60);
  CHECK(choose(journal) == 1);
  set_aside(journal, "second", kNow + 30);
  CHECK(choose(journal) == 2);
  SECTION("when all are, to the one whose time comes first") {
    set_aside(journal, "third", kNow + 90);
    CHECK(choose(journal) == 1);
  }
  SECTION("a time that has passed counts no more") {
    set_aside(journal, "first", kNow);
    CHECK(choose(journal) == 0);
  }
  SECTION("nor one from a clock that ran ahead") {
    set_aside(journal, "first", kNow + 400 * kDay);
    CHECK(choose(journal) == 0);
  }
  SECTION("nor one of another configuration: what was corrected is tried at once") {
    journal.issuers["first"].configuration_hash = "another";
    CHECK(choose(journal) == 0);
  }
}

TEST_CASE("the class of an error decides whether an issuer is tried again or set aside") {
  CHECK(aside_after(error(RetryClass::never), 1, true) == kAsideAfterRefusal);
  for (const RetryClass retry : {RetryClass::later, RetryClass::after}) {
    CHECK_FALSE(aside_after(error(retry), 1, true));
    CHECK_FALSE(aside_after(error(retry), kFailuresInARow - 1, true));
    CHECK(aside_after(error(retry), kFailuresInARow, true) == kAsideAfterFailures);
    CHECK(aside_after(error(retry), 1, false) == kAsideAfterFailures);
  }
  CHECK(aside_after(error(RetryClass::after, std::chrono::hours(5)), 1, false) == std::chrono::hours(5));
  CHECK(aside_after(error(RetryClass::after, std::chrono::hours(500)), 1, false) == kLongestHint);
}

TEST_CASE("an open request ends at its deadline, which leaves the other issuers time") {
  RequestRecord request;
  request.since = kNow;
  request.phase = RequestPhase::pending;
  const std::chrono::hours give_up(24 * 30);
  const ActiveFacts active{1, true, "", "", kNow - 300 * kDay, kNow + 20 * kDay};
  CHECK(request_end(request, give_up, false, active) == kNow + 30 * kDay);
  CHECK(request_end(request, give_up, true, active) == kNow + 10 * kDay);
  CHECK(request_end(request, std::chrono::hours(24), true, active) == kNow + kDay);
  CHECK(request_end(request, give_up, true, std::nullopt) == kNow + 30 * kDay);
  SECTION("without a certificate that still serves, the profile's time holds") {
    ActiveFacts over = active;
    over.not_after = kNow - 1;
    CHECK(request_end(request, give_up, true, over) == kNow + 30 * kDay);
    ActiveFacts broken = active;
    broken.whole = false;
    CHECK(request_end(request, give_up, true, broken) == kNow + 30 * kDay);
  }
  SECTION("in doubt: a day at most") {
    request.phase = RequestPhase::sent;
    CHECK(request_end(request, give_up, true, std::nullopt) == kNow + kDay);
    CHECK(request_end(request, give_up, false, std::nullopt) == kNow + 30 * kDay);
    ActiveFacts soon = active;
    soon.not_after = kNow + 3600;
    CHECK(request_end(request, give_up, true, soon) == kNow + 1800);
  }
}
