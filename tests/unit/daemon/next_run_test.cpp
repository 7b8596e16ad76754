#include "framework/engine/next_run.hpp"

#include <catch2/catch.hpp>

using namespace certctl;
using engine::Action;
using engine::EpochSeconds;
using engine::next_run;
using engine::ProfileStatus;

namespace {

constexpr EpochSeconds kNow = 1'800'000'000;

ProfileStatus due(Action action, const char* reason, EpochSeconds at, const char* blocked = "") {
  ProfileStatus status;
  status.not_after = kNow + 1'000'000;
  status.due.action = action;
  status.due.reason = reason;
  status.due.at = at;
  status.due.blocked = blocked;
  return status;
}

}  // namespace

TEST_CASE("next run: a renewal because of age may be put off by a tenth of the life that is left") {
  const auto next = next_run(due(Action::renew, "expiring", kNow + 500'000), kNow);
  CHECK(next.at == kNow + 500'000);
  CHECK(next.latest == kNow + 550'000);
  // Not when it has expired.
  const auto late = next_run(due(Action::renew, "expiring", kNow + 1'000'000), kNow);
  CHECK(late.latest == late.at);
}

TEST_CASE("next run: everything else is an appointment") {
  for (const char* reason : {"missing", "drift", "resume", "revoked", "forced"}) {
    const auto next = next_run(due(Action::enroll, reason, kNow + 60), kNow);
    CHECK(next.at == kNow + 60);
    CHECK(next.latest == kNow + 60);
  }
  const auto backing_off = next_run(due(Action::renew, "expiring", kNow + 300, "backing-off"), kNow);
  CHECK(backing_off.at == kNow + 300);
  CHECK(backing_off.latest == kNow + 300);
}

TEST_CASE("next run: what no time ends is looked at again later; a debt has its own clock") {
  for (const char* blocked : {"held", "store-moved", "clock-untrusted"})
    CHECK(next_run(due(Action::renew, "expiring", kNow, blocked), kNow).at == 0);
  ProfileStatus status = due(Action::renew, "expiring", kNow + 5000);
  status.due.deliver = true;
  status.due.deliver_at = kNow + 90;
  CHECK(next_run(status, kNow).at == kNow + 90);
  status.due.deliver_at = kNow + 9000;
  CHECK(next_run(status, kNow).at == kNow + 5000);
  status.interrupted = true;
  CHECK(next_run(status, kNow).at == kNow);
}

TEST_CASE("next run: the issuer is asked when it is to be asked") {
  ProfileStatus status = due(Action::renew, "expiring", kNow + 500'000);
  status.window_question = kNow + 6 * 3600;
  CHECK(next_run(status, kNow).at == kNow + 6 * 3600);
  CHECK(next_run(status, kNow).latest == kNow + 7 * 3600);
  status.window_question = kNow + 600'000;
  CHECK(next_run(status, kNow).at == kNow + 500'000);
}
