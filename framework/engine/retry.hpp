// When to try again (P6): pure functions over the journal's attempt record, with time and chance handed in.
#pragma once

#include <certctl/result.hpp>

#include <chrono>
#include <functional>

#include "framework/engine/journal.hpp"

namespace certctl::engine {

// A number in [0, 1). Injected in tests.
using Random = std::function<double()>;

inline constexpr std::chrono::seconds kFirstDelay{60};
inline constexpr std::chrono::seconds kLongestDelay{6 * 3600};
inline constexpr std::chrono::seconds kNeverDelay{24 * 3600};  // *never* is tried daily all the same
inline constexpr std::chrono::seconds kShortestHint{60};       // what a server may ask for
inline constexpr std::chrono::seconds kLongestHint{24 * 3600};
inline constexpr std::size_t kAttemptsPerDay = 24;

// Full jitter: uniform in (0, min(60 s · 2^failures, 6 h)], by retry class.
[[nodiscard]] std::chrono::seconds delay_after(const Error& error, int failures, const Random& random);

// Counts an attempt that is about to be made, as if it had failed. `drop` takes it off again.
void count_attempt(AttemptRecord& attempts, EpochSeconds now, const Random& random);
void drop_attempt(AttemptRecord& attempts);
// The counted attempt failed with this error: sets class and next_try.
void fail_attempt(AttemptRecord& attempts, const Error& error, EpochSeconds now, const Random& random);
void clear_attempts(AttemptRecord& attempts);

// Attempts of the last 24 hours. Entries from a clock that ran ahead do not count.
[[nodiscard]] std::size_t attempts_today(const AttemptRecord& attempts, EpochSeconds now);

// The instant from which an attempt is allowed; `now` or earlier means at once. A next_try beyond the limit (a clock
// that ran ahead) counts as now. `changed`: profile or challenge are not those of the last attempt, which ends *never*.
// `force` skips the delay but not the daily cap.
[[nodiscard]] EpochSeconds next_attempt(const AttemptRecord& attempts, EpochSeconds now, bool changed, bool force);

}  // namespace certctl::engine
