// plan: what is to be done for a profile, and why. A chain of small pure checks over facts, with the time handed in;
// the first that applies decides. `certctl plan` prints exactly what `certctl renew` would do, because both call this
// and nothing else decides.
#pragma once

#include <certctl/distributor.hpp>
#include <certctl/types.hpp>

#include <optional>
#include <string>
#include <vector>

#include "framework/config/profile.hpp"
#include "framework/engine/journal.hpp"

namespace certctl::engine {

enum class Action : int { none, enroll, renew, rekey, resume, deliver };
[[nodiscard]] const char* action_word(Action action);

// What the operator asked for on the command line.
struct Wishes {
  bool force = false;           // renew although not due; skips delays (not the daily cap); ends a hold
  bool rekey = false;           // renew with a new key
  bool new_request = false;     // abandon the open request and begin another
  bool reset_attempts = false;  // forget the back-off and the daily count
};

struct ActiveFacts {
  int generation = 0;
  bool whole = false;
  std::string problem;
  std::string fingerprint;
  EpochSeconds not_before = 0;
  EpochSeconds not_after = 0;
};

struct TargetFacts {
  std::string name;
  Present present = Present::unknown;
  std::string serial;
  std::string detail;
};

// Everything that plan looks at.
struct PlanInput {
  EpochSeconds now = 0;
  EpochSeconds floor = 0;
  bool clock_trusted = true;
  bool clock_ignored = false;  // `clock: ignore`: a wrong clock does not stop requests
  const Journal* journal = nullptr;
  std::string store_location;
  std::optional<ActiveFacts> active;
  // What the profile asks for now, of the issuer of the active certificate if that is one of the profile's.
  std::string request_hash;
  std::string subject_hash;
  std::string issuer_hash;                         // of the issuer that a new request goes to
  std::vector<std::string> further_issuer_hashes;  // the profile's others; empty: it has one
  std::string issuer_note;                         // which issuer that is, for people; empty: the profile has one
  std::string configuration_hash;
  config::RenewThreshold renew;
  config::Rotate rotate = config::Rotate::always;
  std::chrono::seconds rotate_age{0};
  EpochSeconds request_ends = 0;     // when the open request is given up
  std::vector<TargetFacts> targets;  // empty: not looked at
  Wishes wishes;
};

struct Decision {
  Action action = Action::none;
  std::string
      reason;  // missing, expiring, drift, mismatch, resume, debt, target-changed, issuer-changed, revoked, forced
  std::string sentence;  // for people
  EpochSeconds at = 0;   // when it is due; not after `now`: now; 0: never
  bool new_key = false;  // the renewal is to have a new key whatever `rotate` says
  // The issuer refused what the profile asks for now: renew with the request that was granted before.
  bool use_recorded_request = false;
  std::string blocked;  // clock-untrusted, backing-off, held, store-moved, not-yet-valid: why nothing happens now
  std::string blocked_sentence;
  bool deliver = false;  // targets need the active generation, whatever happens to the request
  std::vector<std::string> deliver_targets;
  std::string deliver_reason;
  EpochSeconds deliver_at = 0;

  [[nodiscard]] bool due(EpochSeconds now) const noexcept {
    return action != Action::none && blocked.empty() && at <= now;
  }
  [[nodiscard]] bool delivery_due(EpochSeconds now) const noexcept { return deliver && deliver_at <= now; }
};

[[nodiscard]] Decision plan(const PlanInput& input);

// The same wish at the issuer that the input names: an enrollment where the active certificate is another issuer's or
// has another subject, else a renewal. For profiles with several issuers.
void shape_for_issuer(const PlanInput& input, Decision& decision);

// The instant from which a certificate is to be renewed. A threshold above half of the lifetime becomes one third of it
// (design section 2); `shortened` tells whether that happened.
[[nodiscard]] EpochSeconds renewal_time(const config::RenewThreshold& threshold, EpochSeconds not_before,
                                        EpochSeconds not_after, bool* shortened = nullptr);

// When a hold ends by itself: 10 % of the lifetime left.
[[nodiscard]] EpochSeconds hold_end(EpochSeconds not_before, EpochSeconds not_after);

}  // namespace certctl::engine
