#include "framework/engine/plan.hpp"

#include <algorithm>
#include <limits>

#include "framework/engine/retry.hpp"
#include "framework/engine/words.hpp"

namespace certctl::engine {
namespace {

using Verdict = std::optional<Decision>;

Decision decision(Action action, std::string reason, std::string sentence, EpochSeconds at) {
  Decision d;
  d.action = action;
  d.reason = std::move(reason);
  d.sentence = std::move(sentence);
  d.at = at;
  return d;
}

// Whether the certificate is over. With an untrusted clock it is judged against the floor (P11).
bool expired(const PlanInput& in) {
  const EpochSeconds judge = in.clock_trusted ? in.now : in.floor;
  return in.active && in.active->not_after != 0 && in.active->not_after <= judge;
}

const GenerationRecord* active_record(const PlanInput& in) {
  if (!in.active) return nullptr;
  const auto it = in.journal->generations.find(in.active->generation);
  return it == in.journal->generations.end() ? nullptr : &it->second;
}

bool changed_since_last_attempt(const PlanInput& in) {
  return in.journal->attempts.configuration_hash != in.configuration_hash;
}

EpochSeconds allowed_from(const PlanInput& in) {
  if (in.wishes.reset_attempts) return in.now;
  return std::max(in.now, next_attempt(in.journal->attempts, in.now, changed_since_last_attempt(in), in.wishes.force));
}

// A hold ends by force, and when the held generation has a tenth of its life left.
bool held(const PlanInput& in) {
  if (!in.journal->hold || in.wishes.force) return false;
  return !in.active || in.now < hold_end(in.active->not_before, in.active->not_after);
}

bool is_own_issuer(const PlanInput& in, const std::string& hash) {
  const auto& further = in.further_issuer_hashes;
  return hash == in.issuer_hash || std::find(further.begin(), further.end(), hash) != further.end();
}

// --- the checks, in order
// ------------------------------------------------------------------------------------------------

// SCEP-174, SCEP-177
Verdict open_request(const PlanInput& in) {
  const RequestRecord& request = in.journal->request;
  if (!request.open()) return std::nullopt;
  if (in.wishes.new_request) return std::nullopt;
  const std::string id = request.transaction_id.empty() ? "" : " " + request.transaction_id;
  Decision d = decision(Action::resume, "resume", "", in.now);
  const bool over = in.request_ends <= in.now;
  const bool failover = !in.further_issuer_hashes.empty();
  switch (request.phase) {
    case RequestPhase::prepared:
      d.sentence = "a prepared request waits to be sent";
      d.at = request.resumed ? allowed_from(in) : in.now;
      break;
    case RequestPhase::sent:
      d.sentence = "transaction" + id + " was sent and its answer is not known";
      d.at = request.resumed && !(failover && over) ? allowed_from(in) : in.now;
      break;
    case RequestPhase::pending: {
      d.sentence = "transaction" + id + " waits for the issuer since " + say_time(request.since);
      // A poll time beyond every sensible interval comes from a clock that ran ahead.
      const bool from_the_future = request.next_poll > in.now + 2 * kLongestHint.count();
      EpochSeconds next = from_the_future ? in.now : request.next_poll;
      if (in.journal->attempts.failures > 0) next = std::max(next, allowed_from(in));
      d.at = over || in.wishes.force ? in.now : std::max(next, EpochSeconds{1});
      break;
    }
    default:
      d.sentence = "the answer to transaction" + id + " is to be checked, stored and activated";
      if (request.activate_at > in.now && in.clock_trusted) {
        d.sentence = "the new certificate is not valid before " + say_time(request.activate_at);
        d.at = request.activate_at;
        d.blocked = "not-yet-valid";
        d.blocked_sentence = d.sentence;
      } else if (held(in) && request.phase != RequestPhase::active) {
        d.blocked = "held";
        d.blocked_sentence = "generation " + std::to_string(in.journal->hold->generation) +
                             " is held: the new certificate is stored and will be activated after `certctl release`";
      }
      break;
  }
  return d;
}

Verdict moved_store(const PlanInput& in) {
  const std::string& known = in.journal->store_location;
  if (known.empty() || known == in.store_location || in.active) return std::nullopt;
  Decision d = decision(Action::none, "store-moved", "", 0);
  d.blocked = "store-moved";
  d.blocked_sentence = "the active generation was stored in " + known + " and the profile now says " +
                       in.store_location + ": move the directory, or set the path back; nothing is requested";
  return d;
}

Verdict missing(const PlanInput& in) {
  if (in.active) return std::nullopt;
  return decision(Action::enroll, "missing", "there is no certificate yet", in.now);
}

Verdict broken(const PlanInput& in) {
  if (in.active->whole) return std::nullopt;
  return decision(Action::enroll, "mismatch",
                  "generation " + std::to_string(in.active->generation) + " is broken: " + in.active->problem, in.now);
}

// What was asked for takes the shape that the profile's changes demand: another issuer or subject is an enrollment.
Verdict forced(const PlanInput& in) {
  if (!in.wishes.force && !in.wishes.rekey && !in.wishes.new_request) return std::nullopt;
  const GenerationRecord* record = active_record(in);
  const bool another =
      record != nullptr && ((!record->issuer_hash.empty() && !is_own_issuer(in, record->issuer_hash)) ||
                            (!record->subject_hash.empty() && record->subject_hash != in.subject_hash));
  Decision d = decision(another           ? Action::enroll
                        : in.wishes.rekey ? Action::rekey
                                          : Action::renew,
                        "forced",
                        in.wishes.rekey ? "a renewal with a new key was asked for" : "a renewal was asked for", in.now);
  d.new_key = in.wishes.rekey;
  return d;
}

// The key may be in other hands: the next certificate has a new one.
Verdict revoked(const PlanInput& in) {
  const GenerationRecord* record = active_record(in);
  if (record == nullptr || record->revoked_at == 0) return std::nullopt;
  Decision d = decision(Action::rekey, "revoked",
                        "the issuer revoked the certificate (" + say_time(record->revoked_at) + ")", in.now);
  d.new_key = true;
  return d;
}

Verdict over(const PlanInput& in) {
  if (!expired(in)) return std::nullopt;
  return decision(Action::renew, "expiring", "the certificate expired on " + say_time(in.active->not_after), in.now);
}

Verdict changed_issuer(const PlanInput& in) {
  const GenerationRecord* record = active_record(in);
  // A generation without a record (adopted) has no drift.
  if (record == nullptr || record->issuer_hash.empty() || is_own_issuer(in, record->issuer_hash)) return std::nullopt;
  return decision(Action::enroll, "issuer-changed",
                  in.further_issuer_hashes.empty()
                      ? "the profile names another issuer than the one that issued the active certificate"
                      : "none of the profile's issuers issued the active certificate",
                  in.now);
}

constexpr EpochSeconds kSuggestionInterval = 24 * 3600;

// A change that the issuer refused is offered again daily; until then the certificate is renewed as it was granted.
constexpr EpochSeconds kRefusedDriftInterval = 24 * 3600;

bool drift_was_refused(const PlanInput& in) {
  return !in.journal->refused_drift.empty() && in.journal->refused_drift == in.request_hash;
}

Verdict drift(const PlanInput& in) {
  const GenerationRecord* record = active_record(in);
  if (record == nullptr || record->request_hash.empty() || record->request_hash == in.request_hash) return std::nullopt;
  const bool subject = record->subject_hash != in.subject_hash;
  const Action action = subject ? Action::enroll : Action::renew;
  if (!drift_was_refused(in)) {
    return decision(action, "drift",
                    std::string("the profile asks for something else than when the active certificate was requested") +
                        (subject ? " (another subject)" : ""),
                    in.now);
  }
  const EpochSeconds again = in.journal->refused_drift_at + kRefusedDriftInterval;
  const bool from_the_future = in.journal->refused_drift_at > in.now;
  const EpochSeconds age = renewal_time(in.renew, in.active->not_before, in.active->not_after);
  if (again > in.now && !from_the_future && age < again) return std::nullopt;
  return decision(action, "drift",
                  "drift refused: the issuer refused what the profile asks for now; it is asked again daily",
                  from_the_future ? in.now : again);
}

Verdict old_key(const PlanInput& in) {
  if (in.rotate != config::Rotate::by_age) return std::nullopt;
  const GenerationRecord* record = active_record(in);
  if (record == nullptr || record->key_since == 0 || !in.clock_trusted) return std::nullopt;
  if (record->key_since + in.rotate_age.count() > in.now) return std::nullopt;
  Decision d = decision(Action::rekey, "expiring",
                        "the key is older than the profile allows (made " + say_time(record->key_since) + ")", in.now);
  d.new_key = true;
  return d;
}

// The issuer's own word about its load, or that it is going to revoke. One that names a time that has passed for each
// new certificate is followed once a day.
EpochSeconds suggested_time(const PlanInput& in, const GenerationRecord* record) {
  if (record == nullptr || record->renew_at == 0) return std::numeric_limits<EpochSeconds>::max();
  const EpochSeconds third = std::max<EpochSeconds>(0, in.active->not_after - in.active->not_before) / 3;
  return std::max(record->renew_at, record->activated + std::min(kSuggestionInterval, third));
}

Verdict expiring(const PlanInput& in) {
  EpochSeconds at = renewal_time(in.renew, in.active->not_before, in.active->not_after);
  const GenerationRecord* record = active_record(in);
  if (record != nullptr && record->not_extended) {
    // The issuer replaced instead of renewing: asking again soon would only make more certificates.
    at = std::max(at, record->activated + (in.active->not_after - record->activated) / 2);
  }
  const bool suggested = suggested_time(in, record) < at;
  if (suggested) at = suggested_time(in, record);
  if (in.journal->hold) at = std::max(at, hold_end(in.active->not_before, in.active->not_after));
  const EpochSeconds left = in.active->not_after - in.now;
  Decision d = decision(
      Action::renew, "expiring",
      suggested && at <= in.now ? "the issuer suggests to renew the certificate between " +
                                      say_time(record->window_from) + " and " + say_time(record->window_until)
      : at <= in.now
          ? "the certificate expires in " + say_duration(left) + ", on " + say_time(in.active->not_after)
          : "the certificate is good until " + say_time(in.active->not_after) + "; renewal is due " + say_time(at),
      at);
  d.use_recorded_request = record != nullptr && drift_was_refused(in) && record->request_hash != in.request_hash;
  return d;
}

// --- what may stand in the way
// ---------------------------------------------------------------------------------------------

void apply_hold(const PlanInput& in, Decision& d) {
  if (!in.journal->hold || in.wishes.force || in.wishes.rekey || !in.active || !d.blocked.empty()) return;
  if (d.reason != "drift" && d.reason != "issuer-changed") return;
  d.blocked = "held";
  d.blocked_sentence = "generation " + std::to_string(in.journal->hold->generation) + " is held since " +
                       say_time(in.journal->hold->since) + ": run `certctl release`, or renew with --force";
}

void apply_clock(const PlanInput& in, Decision& d) {
  if (in.clock_trusted || in.clock_ignored || !d.blocked.empty()) return;
  const bool asks = d.action == Action::enroll || d.action == Action::renew || d.action == Action::rekey ||
                    (d.action == Action::resume && in.journal->request.phase == RequestPhase::prepared);
  if (!asks || d.at > in.now) return;
  d.blocked = "clock-untrusted";
  d.blocked_sentence = "the clock says " + say_time(in.now) + ", but it is at least " + say_time(in.floor) +
                       ": set the clock; nothing is requested until then (or `clock: ignore` in certctl.yaml)";
}

void apply_back_off(const PlanInput& in, Decision& d) {
  if (!d.blocked.empty() || d.at > in.now) return;
  if (d.action != Action::enroll && d.action != Action::renew && d.action != Action::rekey) return;
  const EpochSeconds from = allowed_from(in);
  if (from <= in.now) return;
  d.at = from;
  d.blocked = "backing-off";
  d.blocked_sentence = "the last attempt failed; the next one is due " + say_time(from) +
                       (attempts_today(in.journal->attempts, in.now) >= kAttemptsPerDay
                            ? " (the daily limit of attempts is reached; `renew --reset-attempts` clears it)"
                            : " (`renew --force` does not wait)");
}

// Targets that do not hold the active generation. A debt has its own clock; a target that was changed by others is due
// at once.
void add_delivery(const PlanInput& in, Decision& d) {
  if (in.journal->delivery.phase != DeliveryPhase::idle) {
    d.deliver = true;
    d.deliver_reason = "resume";
    d.deliver_at = in.now;
    for (const auto& target : in.journal->delivery.targets) d.deliver_targets.push_back(target.name);
    return;
  }
  if (!in.active || !in.active->whole) return;
  EpochSeconds soonest = 0;
  bool debt = false;
  for (const auto& target : in.targets) {
    const auto it = in.journal->targets.find(target.name);
    const TargetRecord record = it == in.journal->targets.end() ? TargetRecord{} : it->second;
    // A target that we know nothing of and that holds the pair already (adopted) owes nothing.
    const bool unknown = record.state == TargetState::unknown;
    const bool owes = record.state == TargetState::debt || (unknown && target.present != Present::this_one) ||
                      (!unknown && record.generation != in.active->generation);
    const bool changed = target.present == Present::none || target.present == Present::other;
    if (!owes && !changed) continue;
    d.deliver_targets.push_back(target.name);
    debt = debt || record.state == TargetState::debt;
    EpochSeconds at = record.state == TargetState::debt ? record.next_try : in.now;
    if (at > in.now + kLongestDelay.count() || in.wishes.force) at = in.now;
    soonest = soonest == 0 ? at : std::min(soonest, at);
  }
  if (d.deliver_targets.empty()) return;
  d.deliver = true;
  d.deliver_reason = debt ? "debt" : "target-changed";
  d.deliver_at = std::max(soonest, EpochSeconds{1});
}

}  // namespace

const char* action_word(Action action) {
  switch (action) {
    case Action::none: return "none";
    case Action::enroll: return "enroll";
    case Action::renew: return "renew";
    case Action::rekey: return "rekey";
    case Action::resume: return "resume";
    case Action::deliver: return "deliver";
  }
  return "none";
}

EpochSeconds renewal_time(const config::RenewThreshold& threshold, EpochSeconds not_before, EpochSeconds not_after,
                          bool* shortened) {
  const EpochSeconds lifetime = std::max<EpochSeconds>(0, not_after - not_before);
  EpochSeconds left = threshold.left
                          ? threshold.left->count()
                          : lifetime / 100 * threshold.percent_left + lifetime % 100 * threshold.percent_left / 100;
  const bool too_long = left > lifetime / 2;
  if (too_long) left = lifetime / 3;
  if (shortened != nullptr) *shortened = too_long;
  return not_after - left;
}

EpochSeconds hold_end(EpochSeconds not_before, EpochSeconds not_after) {
  return not_after - std::max<EpochSeconds>(0, not_after - not_before) / 10;
}

void shape_for_issuer(const PlanInput& in, Decision& d) {
  const GenerationRecord* record = active_record(in);
  const auto other = [](const std::string& was, const std::string& is) { return !was.empty() && was != is; };
  if (!in.active || !in.active->whole) {
    d.action = Action::enroll;
  } else if (record != nullptr && other(record->issuer_hash, in.issuer_hash)) {
    d.action = Action::enroll;
    d.use_recorded_request = false;  // it was granted by another
  } else if (record != nullptr && other(record->subject_hash, in.subject_hash) && !d.use_recorded_request) {
    d.action = Action::enroll;
  } else {
    d.action = d.new_key ? Action::rekey : Action::renew;
  }
}

Decision plan(const PlanInput& in) {
  using Check = Verdict (*)(const PlanInput&);
  constexpr Check kChecks[] = {open_request, moved_store,    missing, broken,  forced,  revoked,
                               over,         changed_issuer, drift,   old_key, expiring};
  Decision d;
  for (const Check check : kChecks) {
    if (Verdict verdict = check(in)) {
      d = std::move(*verdict);
      break;
    }
  }
  apply_hold(in, d);
  if (d.blocked == "held" && in.journal->request.phase == RequestPhase::idle) {
    // What a hold stops is drift; the end of the certificate's life still counts.
    if (Verdict age = expiring(in); age && age->at <= in.now) d = std::move(*age);
  }
  const bool asks = d.action == Action::enroll || d.action == Action::renew || d.action == Action::rekey;
  if (asks && !in.further_issuer_hashes.empty()) {
    shape_for_issuer(in, d);
    if (d.at <= in.now && !in.issuer_note.empty()) d.sentence += "; " + in.issuer_note;
  }
  apply_clock(in, d);
  apply_back_off(in, d);
  add_delivery(in, d);
  return d;
}

}  // namespace certctl::engine
