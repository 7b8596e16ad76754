#include "framework/engine/retry.hpp"

#include <algorithm>
#include <cmath>

namespace certctl::engine {
namespace {

std::chrono::seconds jittered(std::chrono::seconds longest, const Random& random) {
  const auto span = static_cast<double>(longest.count());
  return std::chrono::seconds(std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(random() * span))));
}

}  // namespace

std::chrono::seconds delay_after(const Error& error, int failures, const Random& random) {
  switch (error.retry) {
    case RetryClass::never: return kNeverDelay;
    case RetryClass::after: return std::clamp(error.delay, kShortestHint, kLongestHint);
    case RetryClass::later: break;
  }
  // 2^9 minutes exceed the limit already; the shift stays small whatever the count.
  const auto longest = std::min(kFirstDelay * (1 << std::clamp(failures, 0, 9)), kLongestDelay);
  return jittered(longest, random);
}

void count_attempt(AttemptRecord& attempts, EpochSeconds now, const Random& random) {
  std::erase_if(attempts.counted, [&](EpochSeconds at) { return at > now || at <= now - kDay; });
  attempts.counted.push_back(now);
  const Error unanswered{"interrupted", "", "", RetryClass::later, std::chrono::seconds{0}};
  attempts.next_try = now + delay_after(unanswered, attempts.failures, random).count();
  attempts.retry = RetryClass::later;
  ++attempts.failures;
}

void drop_attempt(AttemptRecord& attempts) {
  if (!attempts.counted.empty()) attempts.counted.pop_back();
  attempts.failures = 0;
  attempts.next_try = 0;
  attempts.retry = RetryClass::later;
}

void fail_attempt(AttemptRecord& attempts, const Error& error, EpochSeconds now, const Random& random) {
  attempts.retry = error.retry;
  attempts.next_try = now + delay_after(error, std::max(0, attempts.failures - 1), random).count();
}

void clear_attempts(AttemptRecord& attempts) {
  const std::string configuration_hash = attempts.configuration_hash;
  attempts = AttemptRecord{};
  attempts.configuration_hash = configuration_hash;
}

std::size_t attempts_today(const AttemptRecord& attempts, EpochSeconds now) {
  return static_cast<std::size_t>(std::count_if(attempts.counted.begin(), attempts.counted.end(),
                                                [&](EpochSeconds at) { return at <= now && at > now - kDay; }));
}

EpochSeconds next_attempt(const AttemptRecord& attempts, EpochSeconds now, bool changed, bool force) {
  EpochSeconds next = attempts.next_try;
  if (next > now + kLongestHint.count()) next = 0;
  if (force || (changed && attempts.retry == RetryClass::never)) next = 0;
  if (attempts_today(attempts, now) >= kAttemptsPerDay) {
    EpochSeconds oldest = now;
    for (const EpochSeconds at : attempts.counted) {
      if (at <= now && at > now - kDay) oldest = std::min(oldest, at);
    }
    next = std::max(next, oldest + kDay);
  }
  return next;
}

}  // namespace certctl::engine
