// status: the four facts — issued, stored, delivered, served — and what is open, owed or wrong. Reads without a lock
// and changes nothing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "framework/engine/context.hpp"
#include "framework/engine/plan.hpp"

namespace certctl::engine {

struct TargetStatus {
  std::string target;
  std::string installed;  // fingerprint that the target holds; empty: unknown
  std::optional<bool> served;
  std::string served_fingerprint;  // what it served when it was asked last; empty: unknown
  EpochSeconds served_at = 0;      // when that was; 0: never asked
  std::string state;               // ok, debt, unverified, unknown
  std::string detail;
  std::optional<Error> error;
  EpochSeconds next_try = 0;
};

// One of several issuers of a profile.
struct IssuerStatus {
  std::string issuer;            // "scep (issuer 1 of 2)"
  bool in_service = false;       // it issued the active certificate
  bool next = false;             // a new request goes to it
  EpochSeconds aside_until = 0;  // 0: it is not set aside
  std::optional<Error> why;
};

struct ProfileStatus {
  std::string profile;
  std::string state = "none";        // none, active, expired, not_yet_valid, broken
  std::string transaction = "none";  // none, enrolling, pending, in_doubt, issued, rejected, failed
  bool initial = false;              // the open request is for the first certificate
  int generation = 0;
  std::string serial, fingerprint, subject;
  EpochSeconds not_before = 0, not_after = 0;
  // About the newest generation; nothing: does not apply or unknown.
  std::optional<bool> issued, stored, delivered, served;
  std::vector<TargetStatus> targets;
  std::vector<IssuerStatus> issuers;  // empty: the profile has one
  Decision due;
  EpochSeconds window_question = 0;  // when the issuer is to be asked again for its suggestion; 0: it is not
  std::string transaction_id;
  EpochSeconds pending_since = 0, next_poll = 0;
  std::string display;
  int hold = 0;
  EpochSeconds hold_since = 0;
  std::vector<std::string> differs;
  bool drift_refused = false;
  std::optional<Error> last_error;
  EpochSeconds last_error_at = 0;
  std::vector<std::string> hook_debts;
  std::string problem;  // status itself could not read something
  bool interrupted = false;
  bool clock_trusted = true;
};

// Never throws: what can't be read is in `problem`.
[[nodiscard]] ProfileStatus status_of(const Context& context, const config::Profile& profile) noexcept;

// Names of state directories that have a journal but no profile.
[[nodiscard]] std::vector<std::string> orphans(const Context& context, const std::vector<std::string>& profile_names);

// JSON of design section 8, schema 1: keys may be added, none change.
[[nodiscard]] std::string status_to_json(const std::vector<ProfileStatus>& profiles,
                                         const std::vector<std::string>& orphans);

// One profile of it, on one line.
[[nodiscard]] std::string status_object(const ProfileStatus& status);

}  // namespace certctl::engine
