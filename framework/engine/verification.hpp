// Waiting until a target serves what was delivered: the one place that asks again.
#pragma once

#include <certctl/distributor.hpp>
#include <certctl/host.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "framework/engine/journal.hpp"

namespace certctl::engine {

class TargetPort;

// How the engine waits; a clock of their own in tests.
struct Patience {
  using Moment = std::chrono::steady_clock::time_point;
  std::function<Moment()> now;
  std::function<void(std::chrono::milliseconds)> pause;
  std::function<bool()> hurried;  // a signal came: wait no longer than kHurriedWait from then on
};
inline constexpr std::chrono::seconds kHurriedWait{20};

// The system's steady clock. `stopping` says when to hurry.
[[nodiscard]] Patience real_patience(std::function<bool()> stopping);

// What became of asking a target.
struct Observation {
  bool asked = false;            // false: this target cannot be asked
  std::optional<Served> served;  // the last answer, if there was one
  std::optional<Error> error;  // why it does not serve what is expected: not-served, unreachable, chain-not-served …
};

// Looks, and looks again after growing pauses (100 ms to 2 s), until the target serves `expected`, or its
// verify_timeout is over, counted from `since` (looks once at least); the last answer is the error then. What only a
// person can mend (RetryClass::never) is not waited for.
[[nodiscard]] Observation wait_until_served(TargetPort& port, const Credential& expected, const Patience& patience,
                                            Patience::Moment since,
                                            const std::function<void(LogLevel, const std::string&)>& log);

// Keeps in the journal what was seen.
void note_served(TargetRecord& record, const Observation& observed, EpochSeconds now);

}  // namespace certctl::engine
