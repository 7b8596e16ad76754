// What the verbs renew, deliver and verify do with one profile.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "framework/engine/context.hpp"
#include "framework/engine/plan.hpp"

namespace certctl::engine {

// The state of a profile after a run, as the exit code tells it (design section 8).
enum class ExitState : int { ok = 0, failed = 1, configuration = 2, pending = 3, debt = 4, work = 5, busy = 6 };
[[nodiscard]] const char* exit_word(ExitState state);  // "ok", "failed", "not delivered" …
// The worse of two: 2, 1, 4, 6, 3, (5,) 0.
[[nodiscard]] ExitState worse(ExitState a, ExitState b);

struct RunRequest {
  Wishes wishes;
  // Waits in the foreground for a pending request, at most this long.
  std::optional<std::chrono::seconds> wait;
};

struct TargetReport {
  std::string target;
  std::string state;   // ok, debt, unverified, unknown
  std::string served;  // fingerprint; empty: unknown
  std::string detail;
  std::optional<Error> error;
};

struct RunReport {
  std::string profile;
  ExitState exit = ExitState::ok;
  std::string summary;         // one line for people
  std::optional<Error> error;  // what is wrong now
  bool renewed = false;        // a new generation was activated in this run
  int generation = 0;
  std::vector<TargetReport> targets;  // verify
};

// Never throw: whatever happens to one profile is in its report (P9).
[[nodiscard]] RunReport renew(const Context& context, const config::Profile& profile,
                              const RunRequest& request) noexcept;
// Delivers the active generation to all targets again; never asks the issuer.
[[nodiscard]] RunReport deliver_again(const Context& context, const config::Profile& profile) noexcept;
// Asks the targets what they serve. A target that serves another certificate is in debt from then on.
[[nodiscard]] RunReport verify(const Context& context, const config::Profile& profile) noexcept;
// Makes a kept generation the active one and delivers it; sets a hold. 0: the one before the active one.
[[nodiscard]] RunReport roll_back(const Context& context, const config::Profile& profile, int generation,
                                  bool force) noexcept;
// Ends a hold.
[[nodiscard]] RunReport release(const Context& context, const config::Profile& profile) noexcept;

}  // namespace certctl::engine
