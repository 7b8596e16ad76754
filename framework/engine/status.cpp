#include "framework/engine/status.hpp"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "framework/engine/failover.hpp"
#include "framework/engine/profile_session.hpp"
#include "framework/engine/renewal_window.hpp"
#include "framework/engine/words.hpp"

namespace certctl::engine {
namespace {

using nlohmann::json;

std::string transaction_word(const Journal& journal) {
  switch (journal.request.phase) {
    case RequestPhase::idle: return journal.last_error ? "failed" : "none";
    case RequestPhase::attempt:
    case RequestPhase::prepared: return "enrolling";
    case RequestPhase::sent: return "in_doubt";
    case RequestPhase::pending: return "pending";
    case RequestPhase::issued:
    case RequestPhase::stored:
    case RequestPhase::active: return "issued";
    case RequestPhase::rejected: return "rejected";
    case RequestPhase::refused: return "failed";
  }
  return "none";
}

TargetStatus target_status(ProfileSession& session, const std::string& name, const Inspection& inspection) {
  TargetStatus status;
  status.target = name;
  const auto it = session.journal().targets.find(name);
  const TargetRecord record = it == session.journal().targets.end() ? TargetRecord{} : it->second;
  const std::string active = session.active() ? session.active()->fingerprint : "";
  if (inspection.present == Present::this_one) status.installed = active;
  status.detail = inspection.detail;
  if (!record.served.empty()) status.served = record.served == active;
  status.served_fingerprint = record.served;
  status.served_at = record.served_at;
  status.error = record.error;
  status.next_try = record.next_try;
  const bool holds_other = inspection.present == Present::other || inspection.present == Present::none;
  if (record.state == TargetState::debt || (session.active() && holds_other)) {
    status.state = "debt";
    if (!status.error && holds_other) {
      status.error = Error{"target-changed",
                           inspection.detail.empty() ? "does not hold the active certificate" : inspection.detail,
                           "`certctl renew` or `certctl deliver` delivers it",
                           RetryClass::later,
                           {}};
    }
  } else if (inspection.present == Present::unreadable) {
    status.state = "unknown";
    if (!status.error) status.error = Error{"target-unreadable", inspection.detail, "", RetryClass::later, {}};
  } else if (record.error) {
    status.state = "unknown";  // it holds what it should, and gave no answer when it was asked last
  } else if (record.state == TargetState::ok) {
    status.state = record.served.empty() ? "unverified" : "ok";
    // Nothing serves from a settings file: holding the pair is all there is to know.
    if (inspection.present == Present::this_one) status.state = "ok";
  } else {
    status.state = inspection.present == Present::this_one ? "ok" : "unknown";
  }
  return status;
}

void four_facts(ProfileSession& session, ProfileStatus& status) {
  const Journal& journal = session.journal();
  const bool open = journal.request.open();
  const RequestPhase phase = journal.request.phase;
  if (open && phase != RequestPhase::active) {
    // The newest generation is the one that is on its way.
    status.issued = phase == RequestPhase::issued || phase == RequestPhase::stored;
    status.stored = phase == RequestPhase::stored;
    status.delivered = false;
    return;
  }
  if (!session.active()) {
    if (phase == RequestPhase::rejected || journal.last_error) status.issued = false;
    return;
  }
  status.issued = true;
  status.stored = session.active()->whole;
  if (status.targets.empty()) return;
  status.delivered =
      std::none_of(status.targets.begin(), status.targets.end(), [](const auto& t) { return t.state == "debt"; });
  std::optional<bool> served;
  for (const auto& target : status.targets) {
    if (!target.served) continue;
    served = served.value_or(true) && *target.served;
  }
  status.served = served;
}

std::vector<IssuerStatus> issuer_statuses(const ProfileSession& session, const std::string& configuration_hash) {
  const auto& hashes = session.issuer_hashes();
  if (hashes.size() < 2) return {};
  const Journal& journal = session.journal();
  const auto active = journal.generations.find(session.active() ? session.active()->number : 0);
  std::vector<IssuerStatus> issuers;
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    IssuerStatus status;
    status.issuer = session.issuer_text(i);
    status.in_service = active != journal.generations.end() && active->second.issuer_hash == hashes[i];
    status.next = session.next_issuer() == i;
    const auto record = journal.issuers.find(hashes[i]);
    if (record != journal.issuers.end() && is_aside(record->second, session.now(), configuration_hash)) {
      status.aside_until = record->second.aside_until;
      if (record->second.why) status.why = record->second.why->error;
    }
    issuers.push_back(std::move(status));
  }
  return issuers;
}

void fill(ProfileSession& session, ProfileStatus& status) {
  const Journal& journal = session.journal();
  const PlanInput facts = session.plan_input({}, true);
  status.due = plan(facts);
  status.clock_trusted = session.clock_trusted();
  status.issuers = issuer_statuses(session, facts.configuration_hash);
  status.transaction = transaction_word(journal);
  status.initial = journal.request.open() && !session.active();
  status.transaction_id = journal.request.transaction_id;
  status.display = journal.request.display;
  if (journal.request.phase == RequestPhase::pending) {
    status.pending_since = journal.request.since;
    status.next_poll = journal.request.next_poll;
  }
  if (const auto& active = session.active()) {
    status.generation = active->number;
    status.serial = active->serial;
    status.fingerprint = active->fingerprint;
    status.state = active->whole ? "active" : "broken";
    if (!active->whole) status.problem = active->problem;
    if (const auto* certificate = session.active_certificate()) {
      status.subject = certificate->subject_text();
      status.not_before = certificate->not_before_seconds();
      status.not_after = certificate->not_after_seconds();
      const EpochSeconds judge = session.clock_trusted() ? session.now() : session.floor();
      if (active->whole && status.not_after <= judge) status.state = "expired";
      if (active->whole && session.clock_trusted() && status.not_before > session.now()) status.state = "not_yet_valid";
    }
    const auto record = journal.generations.find(active->number);
    if (record != journal.generations.end()) {
      status.differs = record->second.differs;
      status.window_question = next_window_question(session);
      status.drift_refused = !journal.refused_drift.empty() && record->second.request_hash != journal.refused_drift &&
                             facts.request_hash == journal.refused_drift;
    }
  }
  for (const auto& [name, inspection] : session.inspections()) {
    status.targets.push_back(target_status(session, name, inspection));
  }
  four_facts(session, status);
  if (journal.hold) {
    status.hold = journal.hold->generation;
    status.hold_since = journal.hold->since;
  }
  if (journal.last_error) {
    status.last_error = journal.last_error->error;
    status.last_error_at = journal.last_error->at;
  }
  for (const auto& debt : journal.hook_debts)
    status.hook_debts.push_back(debt.hook + " (" + debt.event + "): " + debt.error.message);
  status.interrupted = session.was_interrupted();
  if (const auto& damage = session.rollover_damage()) {
    status.problem = damage->message;
    if (!status.last_error) status.last_error = damage;
  }
  if (!session.journal_damage().empty()) status.problem = "the journal is damaged: " + session.journal_damage();
}

json optional(const std::optional<bool>& value) {
  return value ? json(*value) : json(nullptr);
}
json text_or_null(const std::string& text) {
  return text.empty() ? json(nullptr) : json(text);
}
json time_or_null(EpochSeconds at) {
  return at == 0 ? json(nullptr) : json(say_time(at));
}

json error_json(const std::optional<Error>& error, EpochSeconds at) {
  if (!error) return nullptr;
  const char* retry = error->retry == RetryClass::never   ? "never"
                      : error->retry == RetryClass::after ? "after"
                                                          : "later";
  json object = {{"code", error->code}, {"message", error->message}, {"hint", error->hint}, {"retry", retry}};
  if (at != 0) object["at"] = say_time(at);
  return object;
}

json profile_json(const ProfileStatus& s) {
  json targets = json::array();
  for (const auto& t : s.targets) {
    targets.push_back({{"target", t.target},
                       {"installed", text_or_null(t.installed)},
                       {"served", optional(t.served)},
                       {"served_fingerprint", text_or_null(t.served_fingerprint)},
                       {"served_at", time_or_null(t.served_at)},
                       {"state", t.state},
                       {"detail", t.detail},
                       {"error", error_json(t.error, 0)},
                       {"next_try", time_or_null(t.next_try)}});
  }
  const bool deliver_first = s.due.action == Action::none && s.due.deliver;
  json object = {{"profile", s.profile},
                 {"state", s.state},
                 {"transaction", s.transaction},
                 {"initial", s.initial},
                 {"generation", s.generation == 0 ? json(nullptr) : json(s.generation)},
                 {"serial", text_or_null(s.serial)},
                 {"fingerprint", text_or_null(s.fingerprint)},
                 {"subject", text_or_null(s.subject)},
                 {"not_before", time_or_null(s.not_before)},
                 {"not_after", time_or_null(s.not_after)},
                 {"issued", optional(s.issued)},
                 {"stored", optional(s.stored)},
                 {"delivered", optional(s.delivered)},
                 {"served", optional(s.served)},
                 {"targets", std::move(targets)},
                 {"due",
                  {{"action", deliver_first ? "deliver" : action_word(s.due.action)},
                   {"reason", deliver_first ? s.due.deliver_reason : s.due.reason},
                   {"at", time_or_null(deliver_first ? s.due.deliver_at : s.due.at)},
                   {"blocked", text_or_null(s.due.blocked)}}},
                 {"pending", nullptr},
                 {"hold", nullptr},
                 {"differs", s.differs},
                 {"drift_refused", s.drift_refused},
                 {"hook_debts", s.hook_debts},
                 {"problem", text_or_null(s.problem)},
                 {"last_error", error_json(s.last_error, s.last_error_at)}};
  if (s.transaction == "pending") {
    object["pending"] = {{"transaction_id", s.transaction_id},
                         {"since", time_or_null(s.pending_since)},
                         {"next_poll", time_or_null(s.next_poll)}};
  } else if (s.transaction == "in_doubt") {
    object["pending"] = {{"transaction_id", s.transaction_id}, {"since", nullptr}, {"next_poll", nullptr}};
  }
  if (!s.issuers.empty()) {
    json issuers = json::array();
    for (const auto& issuer : s.issuers)
      issuers.push_back({{"issuer", issuer.issuer},
                         {"in_service", issuer.in_service},
                         {"next", issuer.next},
                         {"aside_until", time_or_null(issuer.aside_until)},
                         {"error", error_json(issuer.why, 0)}});
    object["issuers"] = std::move(issuers);
  }
  if (s.hold != 0) object["hold"] = {{"generation", s.hold}, {"since", time_or_null(s.hold_since)}};
  return object;
}

}  // namespace

ProfileStatus status_of(const Context& context, const config::Profile& profile) noexcept {
  ProfileStatus status;
  status.profile = profile.name;
  try {
    ProfileSession session(context, profile, Access::look);
    fill(session, status);
  } catch (const Failure& failure) {
    status.problem = failure.error().message + (failure.error().hint.empty() ? "" : " (" + failure.error().hint + ")");
  } catch (const std::exception& exception) {
    status.problem = exception.what();
  }
  return status;
}

std::vector<std::string> orphans(const Context& context, const std::vector<std::string>& profile_names) {
  std::vector<std::string> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(context.settings.state, error)) {
    const std::string name = entry.path().filename().string();
    if (std::find(profile_names.begin(), profile_names.end(), name) != profile_names.end()) continue;
    if (std::filesystem::exists(entry.path() / "journal.json", error)) found.push_back(name);
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::string status_object(const ProfileStatus& status) {
  return profile_json(status).dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string status_to_json(const std::vector<ProfileStatus>& profiles, const std::vector<std::string>& orphan_names) {
  json list = json::array();
  bool trusted = true;
  for (const auto& profile : profiles) {
    list.push_back(profile_json(profile));
    trusted = trusted && profile.clock_trusted;
  }
  const json object = {{"schema", 1},
                       {"clock", trusted ? "trusted" : "untrusted"},
                       {"profiles", std::move(list)},
                       {"orphans", orphan_names}};
  return object.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace certctl::engine
