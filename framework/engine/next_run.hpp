// When a profile next needs a run, for who keeps time: the daemon.
#pragma once

#include "framework/engine/status.hpp"

namespace certctl::engine {

// What is known of the next run. `at` 0: nothing is known to come; look again later.
struct NextRun {
  EpochSeconds at = 0;
  // The latest time to which the run may be put off so that a fleet does not ask its CA all at once: later than `at`
  // only for renewals because of age, by a tenth of the life that is left then at most. An appointment (a poll, the end
  // of a back-off, a debt) is kept: the two are equal.
  EpochSeconds latest = 0;
};

// Of what `plan` decided when the status was made; `now`: the time of that.
[[nodiscard]] NextRun next_run(const ProfileStatus& status, EpochSeconds now);

}  // namespace certctl::engine
