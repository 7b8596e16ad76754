// The journal: what a profile's engine has promised itself, durable before each outside effect (design: the 13 steps).
//
// Journal is plain data; JournalFile reads and writes it. Two independent records, `request` (rows 1–8) and `delivery`
// (rows 9–12), each end by themselves. No secrets: keys, tokens and undo tokens lie in files of their own.
#pragma once

#include <certctl/result.hpp>
#include <certctl/types.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace certctl::engine {

// Raised when an older program could not understand what a newer one wrote.
inline constexpr int kJournalFormat = 1;

// Seconds since 1970, UTC. Whole seconds are enough for everything that outlives a process.
using EpochSeconds = std::int64_t;
inline constexpr EpochSeconds kDay = 24 * 3600;

// --- the open request, rows 1 to 8
// --------------------------------------------------------------------------------------
enum class RequestPhase : int {
  idle,      // no open request
  attempt,   // 1: counted; nothing prepared yet
  prepared,  // 2: tx/ has the key and the request as data
  sent,      // 3: tx/token is complete and bytes may have left: in doubt until an answer is verified
  pending,   // 4
  issued,    // 5: tx/cert.pem as received, only "our key" checked
  rejected,  // a verified FAILURE: the transaction ended, its key is used for the next attempt
  refused,   // 6: the answer failed our check; the pair is in kept/
  stored,    // 7
  active,    // 8: from here latest.* is the new generation, or will be after the next run's activate
};

struct RequestRecord {
  RequestPhase phase = RequestPhase::idle;
  std::string action;  // enroll, renew, rekey
  std::string reason;  // why it was begun: the plan's reason code
  EpochSeconds since = 0;
  EpochSeconds next_poll = 0;
  std::string transaction_id;
  std::string display;   // the enroller's own line
  bool resumed = false;  // this interruption was already resumed once: further tries wait for next_try
  bool self_signed = false;
  int generation = 0;                // rows 7, 8
  int previous = 0;                  // row 8
  EpochSeconds activate_at = 0;      // stored, but not valid before
  std::vector<std::string> differs;  // what the issuer changed, for people
  bool not_extended = false;
  bool suggests_window = false;  // the enroller can say when the certificate is to be renewed

  [[nodiscard]] bool open() const noexcept {
    return phase != RequestPhase::idle && phase != RequestPhase::rejected && phase != RequestPhase::refused &&
           phase != RequestPhase::attempt;
  }
};

// --- the open delivery, rows 9 to 12
// ------------------------------------------------------------------------------------
enum class DeliveryPhase : int { idle, delivering, undoing };

enum class TargetPhase : int {
  waiting,     // its stage has not begun
  prepared,    // undo token durable
  installing,  // install() may have begun
  installed,
  reloading,
  reloaded,
  done,    // verified, or installed where nothing can be verified
  failed,  // did not get the new pair; `error` says why
  undoing,
  undone,
  undo_failed,
};

struct DeliveryTarget {
  std::string name;
  TargetPhase phase = TargetPhase::waiting;
  int stage = 0;          // stage 1 begins when all of stage 0 is done: a target that failed before goes first, alone
  bool changed = true;    // what install() reported
  std::string undo_hash;  // sha256 of the undo token's file
  std::optional<Error> error;
};

struct DeliveryRecord {
  DeliveryPhase phase = DeliveryPhase::idle;
  int generation = 0;
  int previous = 0;      // what the targets go back to; 0: nothing
  std::string reason;    // why delivering; undoing: the failure
  bool may_undo = true;  // whether the pair to go back to was worth having when the delivery began
  bool always_reload = false;
  EpochSeconds since = 0;
  std::vector<DeliveryTarget> targets;
};

// --- what outlives transactions
// -------------------------------------------------------------------------------------------
enum class TargetState : int { unknown, ok, debt };

struct TargetRecord {
  TargetState state = TargetState::unknown;
  int generation = 0;          // the generation that the target holds as far as we know
  bool failed_itself = false;  // debt because it failed, not because another target did
  std::optional<Error> error;
  EpochSeconds next_try = 0;
  int tries = 0;       // failed deliveries since the last success
  std::string served;  // fingerprint last seen served; empty: unknown
  EpochSeconds served_at = 0;
};

struct GenerationRecord {
  std::string request_hash;  // of what the profile asked for then
  std::string subject_hash;
  std::string issuer_hash;
  std::string fingerprint;
  EpochSeconds not_before = 0;
  EpochSeconds not_after = 0;
  EpochSeconds key_since = 0;   // when its key was made
  bool self_signed = false;     // it came from a self-signed request: the CA may have revoked its predecessor
  bool not_extended = false;    // it ends no later than the one before it
  EpochSeconds revoked_at = 0;  // the issuer's revocation list said so; 0: not known to be revoked
  EpochSeconds activated = 0;
  EpochSeconds window_from = 0;  // when the issuer suggests to renew it; 0: not known
  EpochSeconds window_until = 0;
  EpochSeconds renew_at = 0;         // an instant in that window, drawn once
  EpochSeconds window_question = 0;  // when to ask again; 0: the issuer suggests none
  std::vector<std::string> differs;
  std::string request_json;  // the request as data, for a renewal with the request that was granted
};

struct Hold {
  int generation = 0;
  EpochSeconds since = 0;
};

struct ErrorRecord {
  Error error;
  EpochSeconds at = 0;
};

// Attempts at the issuer (P6).
struct AttemptRecord {
  int failures = 0;                   // in a row
  std::vector<EpochSeconds> counted;  // failed or unanswered, of the last day
  EpochSeconds next_try = 0;          // 0: at once
  RetryClass retry = RetryClass::later;
  std::string
      configuration_hash;  // of profile and challenge at the last attempt: `never` is tried at once after a change
};

// What a profile with several issuers remembers of one of them (failover.hpp).
struct IssuerRecord {
  int failures = 0;                // in a row, with nothing in doubt
  EpochSeconds aside_until = 0;    // until then the others are asked first
  std::string configuration_hash;  // of the profile when it was set aside: a change of the profile ends that
  std::optional<ErrorRecord> why;
};

struct HookDebt {
  std::string hook;  // "script-1": kind and place in the profile
  std::string event;
  std::string message;  // of the event
  std::string code;
  std::string hint;
  int tries = 0;
  EpochSeconds next_try = 0;
  Error error;
};

struct Journal {
  std::string profile;
  std::string store_location;  // where the active generation was activated
  int active = 0;              // the generation that was activated last
  EpochSeconds floor = 0;      // newest notBefore of an activated certificate (P11)
  RequestRecord request;
  DeliveryRecord delivery;
  AttemptRecord attempts;
  std::map<std::string, TargetRecord> targets;
  std::map<int, GenerationRecord> generations;
  std::optional<Hold> hold;
  std::optional<ErrorRecord> last_error;
  EpochSeconds refused_drift_at = 0;
  std::string refused_drift;         // request hash that the issuer refused
  EpochSeconds failed_event_at = 0;  // last `failed` event; 0: nothing is failing
  std::vector<HookDebt> hook_debts;
  std::map<std::string, std::string> memory;    // enroller's memory by issuer hash
  std::map<std::string, IssuerRecord> issuers;  // by issuer hash
};

// To and from JSON text. parse throws Failure journal-damaged or journal-newer.
[[nodiscard]] std::string journal_to_text(const Journal& journal);
[[nodiscard]] Journal journal_from_text(const std::string& text);

}  // namespace certctl::engine
