#include "framework/engine/next_run.hpp"

#include <algorithm>

namespace certctl::engine {
namespace {

void sooner(NextRun& next, EpochSeconds at, EpochSeconds latest) {
  if (next.at != 0 && next.at <= at) return;
  next = {at, latest};
}

}  // namespace

NextRun next_run(const ProfileStatus& status, EpochSeconds now) {
  NextRun next;
  if (status.interrupted) return {now, now};
  const Decision& due = status.due;
  // A hold, a moved store, a clock that is wrong: no time is known at which they end.
  const bool ends_by_time = due.blocked.empty() || due.blocked == "backing-off" || due.blocked == "not-yet-valid";
  if (due.action != Action::none && due.at != 0 && ends_by_time) {
    const bool by_age = due.reason == "expiring" && due.blocked.empty() && due.at < status.not_after;
    sooner(next, due.at, by_age ? due.at + (status.not_after - due.at) / 10 : due.at);
  }
  constexpr EpochSeconds kHour = 3600;
  if (status.window_question != 0) sooner(next, status.window_question, status.window_question + kHour);
  if (due.deliver) sooner(next, due.deliver_at, due.deliver_at);
  return next;
}

}  // namespace certctl::engine
