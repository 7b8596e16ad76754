#include <array>
#include <nlohmann/json.hpp>

#include "framework/engine/journal.hpp"

namespace certctl::engine {
namespace {

using nlohmann::json;

// Enumerations travel as words, so that a person can read the journal.
template <class Enum, std::size_t N>
struct Words {
  std::array<std::pair<Enum, const char*>, N> rows;
  [[nodiscard]] const char* word(Enum value) const {
    for (const auto& row : rows) {
      if (row.first == value) return row.second;
    }
    throw Failure::never("internal", "journal: value without a word");
  }
  [[nodiscard]] Enum value(const std::string& word) const {
    for (const auto& row : rows) {
      if (word == row.second) return row.first;
    }
    throw Failure::never("journal-damaged", "journal: unknown word '" + word + "'");
  }
};

constexpr Words<RequestPhase, 10> kRequestPhases{{{{RequestPhase::idle, "idle"},
                                                   {RequestPhase::attempt, "attempt"},
                                                   {RequestPhase::prepared, "prepared"},
                                                   {RequestPhase::sent, "sent"},
                                                   {RequestPhase::pending, "pending"},
                                                   {RequestPhase::issued, "issued"},
                                                   {RequestPhase::rejected, "rejected"},
                                                   {RequestPhase::refused, "refused"},
                                                   {RequestPhase::stored, "stored"},
                                                   {RequestPhase::active, "active"}}}};
constexpr Words<DeliveryPhase, 3> kDeliveryPhases{
    {{{DeliveryPhase::idle, "idle"}, {DeliveryPhase::delivering, "delivering"}, {DeliveryPhase::undoing, "undoing"}}}};
constexpr Words<TargetPhase, 11> kTargetPhases{{{{TargetPhase::waiting, "waiting"},
                                                 {TargetPhase::prepared, "prepared"},
                                                 {TargetPhase::installing, "installing"},
                                                 {TargetPhase::installed, "installed"},
                                                 {TargetPhase::reloading, "reloading"},
                                                 {TargetPhase::reloaded, "reloaded"},
                                                 {TargetPhase::done, "done"},
                                                 {TargetPhase::failed, "failed"},
                                                 {TargetPhase::undoing, "undoing"},
                                                 {TargetPhase::undone, "undone"},
                                                 {TargetPhase::undo_failed, "undo-failed"}}}};
constexpr Words<TargetState, 3> kTargetStates{
    {{{TargetState::unknown, "unknown"}, {TargetState::ok, "ok"}, {TargetState::debt, "debt"}}}};
constexpr Words<RetryClass, 3> kRetryClasses{
    {{{RetryClass::never, "never"}, {RetryClass::later, "later"}, {RetryClass::after, "after"}}}};

// --- reading: a missing key has the default, a wrong type is damage ---
template <class T>
T get(const json& object, const char* key, T fallback) {
  const auto it = object.find(key);
  if (it == object.end() || it->is_null()) return fallback;
  return it->get<T>();
}
std::string text(const json& object, const char* key) {
  return get<std::string>(object, key, {});
}
EpochSeconds time(const json& object, const char* key) {
  return get<EpochSeconds>(object, key, 0);
}
const json& section(const json& object, const char* key, json::value_t type = json::value_t::object) {
  static const json kEmpty = json::object();
  const auto it = object.find(key);
  if (it == object.end() || it->is_null()) return kEmpty;
  if (it->type() != type)
    throw Failure::never("journal-damaged", std::string("journal: '") + key + "' has the wrong type");
  return *it;
}
const json& rows(const json& object, const char* key) {
  return section(object, key, json::value_t::array);
}

json error_to_json(const Error& error) {
  return {{"code", error.code},
          {"message", error.message},
          {"hint", error.hint},
          {"retry", kRetryClasses.word(error.retry)},
          {"delay", error.delay.count()}};
}
Error error_from_json(const json& object) {
  Error error;
  error.code = text(object, "code");
  error.message = text(object, "message");
  error.hint = text(object, "hint");
  error.retry = kRetryClasses.value(get<std::string>(object, "retry", "later"));
  error.delay = std::chrono::seconds(time(object, "delay"));
  return error;
}
json optional_error(const std::optional<Error>& error) {
  return error ? error_to_json(*error) : json(nullptr);
}
std::optional<Error> optional_error(const json& object, const char* key) {
  const auto it = object.find(key);
  if (it == object.end() || it->is_null()) return std::nullopt;
  return error_from_json(*it);
}

json request_to_json(const RequestRecord& r) {
  return {{"phase", kRequestPhases.word(r.phase)},
          {"action", r.action},
          {"reason", r.reason},
          {"since", r.since},
          {"next_poll", r.next_poll},
          {"transaction_id", r.transaction_id},
          {"display", r.display},
          {"resumed", r.resumed},
          {"self_signed", r.self_signed},
          {"generation", r.generation},
          {"previous", r.previous},
          {"activate_at", r.activate_at},
          {"differs", r.differs},
          {"not_extended", r.not_extended},
          {"suggests_window", r.suggests_window}};
}
RequestRecord request_from_json(const json& object) {
  RequestRecord r;
  r.phase = kRequestPhases.value(get<std::string>(object, "phase", "idle"));
  r.action = text(object, "action");
  r.reason = text(object, "reason");
  r.since = time(object, "since");
  r.next_poll = time(object, "next_poll");
  r.transaction_id = text(object, "transaction_id");
  r.display = text(object, "display");
  r.resumed = get(object, "resumed", false);
  r.self_signed = get(object, "self_signed", false);
  r.generation = get(object, "generation", 0);
  r.previous = get(object, "previous", 0);
  r.activate_at = time(object, "activate_at");
  r.differs = get<std::vector<std::string>>(object, "differs", {});
  r.not_extended = get(object, "not_extended", false);
  r.suggests_window = get(object, "suggests_window", false);
  return r;
}

json delivery_to_json(const DeliveryRecord& d) {
  json targets = json::array();
  for (const auto& t : d.targets) {
    targets.push_back({{"name", t.name},
                       {"phase", kTargetPhases.word(t.phase)},
                       {"stage", t.stage},
                       {"changed", t.changed},
                       {"undo_hash", t.undo_hash},
                       {"error", optional_error(t.error)}});
  }
  return {{"phase", kDeliveryPhases.word(d.phase)},
          {"generation", d.generation},
          {"previous", d.previous},
          {"reason", d.reason},
          {"may_undo", d.may_undo},
          {"always_reload", d.always_reload},
          {"since", d.since},
          {"targets", std::move(targets)}};
}
DeliveryRecord delivery_from_json(const json& object) {
  DeliveryRecord d;
  d.phase = kDeliveryPhases.value(get<std::string>(object, "phase", "idle"));
  d.generation = get(object, "generation", 0);
  d.previous = get(object, "previous", 0);
  d.reason = text(object, "reason");
  d.may_undo = get(object, "may_undo", true);
  d.always_reload = get(object, "always_reload", false);
  d.since = time(object, "since");
  for (const auto& t : rows(object, "targets")) {
    DeliveryTarget target;
    target.name = text(t, "name");
    target.phase = kTargetPhases.value(text(t, "phase"));
    target.stage = get(t, "stage", 0);
    target.changed = get(t, "changed", true);
    target.undo_hash = text(t, "undo_hash");
    target.error = optional_error(t, "error");
    d.targets.push_back(std::move(target));
  }
  return d;
}

json targets_to_json(const std::map<std::string, TargetRecord>& targets) {
  json object = json::object();
  for (const auto& [name, t] : targets) {
    object[name] = {{"state", kTargetStates.word(t.state)},
                    {"generation", t.generation},
                    {"failed_itself", t.failed_itself},
                    {"error", optional_error(t.error)},
                    {"next_try", t.next_try},
                    {"tries", t.tries},
                    {"served", t.served},
                    {"served_at", t.served_at}};
  }
  return object;
}
std::map<std::string, TargetRecord> targets_from_json(const json& object) {
  std::map<std::string, TargetRecord> targets;
  for (const auto& [name, t] : object.items()) {
    TargetRecord record;
    record.state = kTargetStates.value(get<std::string>(t, "state", "unknown"));
    record.generation = get(t, "generation", 0);
    record.failed_itself = get(t, "failed_itself", false);
    record.error = optional_error(t, "error");
    record.next_try = time(t, "next_try");
    record.tries = get(t, "tries", 0);
    record.served = text(t, "served");
    record.served_at = time(t, "served_at");
    targets.emplace(name, std::move(record));
  }
  return targets;
}

json generations_to_json(const std::map<int, GenerationRecord>& generations) {
  json object = json::object();
  for (const auto& [number, g] : generations) {
    object[std::to_string(number)] = {{"request_hash", g.request_hash},
                                      {"subject_hash", g.subject_hash},
                                      {"issuer_hash", g.issuer_hash},
                                      {"fingerprint", g.fingerprint},
                                      {"not_before", g.not_before},
                                      {"not_after", g.not_after},
                                      {"key_since", g.key_since},
                                      {"self_signed", g.self_signed},
                                      {"not_extended", g.not_extended},
                                      {"revoked_at", g.revoked_at},
                                      {"activated", g.activated},
                                      {"differs", g.differs},
                                      {"request", g.request_json},
                                      {"window_from", g.window_from},
                                      {"window_until", g.window_until},
                                      {"renew_at", g.renew_at},
                                      {"window_question", g.window_question}};
  }
  return object;
}
std::map<int, GenerationRecord> generations_from_json(const json& object) {
  std::map<int, GenerationRecord> generations;
  for (const auto& [number, g] : object.items()) {
    GenerationRecord record;
    record.request_hash = text(g, "request_hash");
    record.subject_hash = text(g, "subject_hash");
    record.issuer_hash = text(g, "issuer_hash");
    record.fingerprint = text(g, "fingerprint");
    record.not_before = time(g, "not_before");
    record.not_after = time(g, "not_after");
    record.key_since = time(g, "key_since");
    record.self_signed = get(g, "self_signed", false);
    record.not_extended = get(g, "not_extended", false);
    record.revoked_at = time(g, "revoked_at");
    record.activated = time(g, "activated");
    record.window_from = time(g, "window_from");
    record.window_until = time(g, "window_until");
    record.renew_at = time(g, "renew_at");
    record.window_question = time(g, "window_question");
    record.differs = get<std::vector<std::string>>(g, "differs", {});
    record.request_json = text(g, "request");
    generations.emplace(std::stoi(number), std::move(record));
  }
  return generations;
}

json issuers_to_json(const std::map<std::string, IssuerRecord>& issuers) {
  json object = json::object();
  for (const auto& [hash, issuer] : issuers) {
    json& one = object[hash];
    one = {{"failures", issuer.failures},
           {"aside_until", issuer.aside_until},
           {"configuration_hash", issuer.configuration_hash},
           {"why", nullptr}};
    if (issuer.why) {
      one["why"] = error_to_json(issuer.why->error);
      one["why"]["at"] = issuer.why->at;
    }
  }
  return object;
}
std::map<std::string, IssuerRecord> issuers_from_json(const json& object) {
  std::map<std::string, IssuerRecord> issuers;
  for (const auto& [hash, one] : object.items()) {
    IssuerRecord& issuer = issuers[hash];
    issuer.failures = get(one, "failures", 0);
    issuer.aside_until = time(one, "aside_until");
    issuer.configuration_hash = text(one, "configuration_hash");
    if (const auto it = one.find("why"); it != one.end() && !it->is_null())
      issuer.why = ErrorRecord{error_from_json(*it), time(*it, "at")};
  }
  return issuers;
}

Journal journal_from_json(const json& object) {
  Journal j;
  j.profile = text(object, "profile");
  j.store_location = text(object, "store");
  j.active = get(object, "active", 0);
  j.floor = time(object, "floor");
  j.request = request_from_json(section(object, "request"));
  j.delivery = delivery_from_json(section(object, "delivery"));
  const json& attempts = section(object, "attempts");
  j.attempts.failures = get(attempts, "failures", 0);
  j.attempts.counted = get<std::vector<EpochSeconds>>(attempts, "counted", {});
  j.attempts.next_try = time(attempts, "next_try");
  j.attempts.retry = kRetryClasses.value(get<std::string>(attempts, "retry", "later"));
  j.attempts.configuration_hash = text(attempts, "configuration_hash");
  j.targets = targets_from_json(section(object, "targets"));
  j.generations = generations_from_json(section(object, "generations"));
  if (const auto it = object.find("hold"); it != object.end() && !it->is_null()) {
    j.hold = Hold{get(*it, "generation", 0), time(*it, "since")};
  }
  if (const auto it = object.find("last_error"); it != object.end() && !it->is_null()) {
    j.last_error = ErrorRecord{error_from_json(*it), time(*it, "at")};
  }
  j.refused_drift = text(object, "refused_drift");
  j.refused_drift_at = time(object, "refused_drift_at");
  j.failed_event_at = time(object, "failed_event_at");
  for (const auto& h : rows(object, "hook_debts")) {
    HookDebt debt;
    debt.hook = text(h, "hook");
    debt.event = text(h, "event");
    debt.message = text(h, "message");
    debt.code = text(h, "code");
    debt.hint = text(h, "hint");
    debt.tries = get(h, "tries", 0);
    debt.next_try = time(h, "next_try");
    debt.error = error_from_json(section(h, "error"));
    j.hook_debts.push_back(std::move(debt));
  }
  j.memory = get<std::map<std::string, std::string>>(object, "memory", {});
  j.issuers = issuers_from_json(section(object, "issuers"));
  return j;
}

}  // namespace

std::string journal_to_text(const Journal& j) {
  json object = {{"format", kJournalFormat},
                 {"profile", j.profile},
                 {"store", j.store_location},
                 {"active", j.active},
                 {"floor", j.floor},
                 {"request", request_to_json(j.request)},
                 {"delivery", delivery_to_json(j.delivery)},
                 {"attempts",
                  {{"failures", j.attempts.failures},
                   {"counted", j.attempts.counted},
                   {"next_try", j.attempts.next_try},
                   {"retry", kRetryClasses.word(j.attempts.retry)},
                   {"configuration_hash", j.attempts.configuration_hash}}},
                 {"targets", targets_to_json(j.targets)},
                 {"generations", generations_to_json(j.generations)},
                 {"hold", nullptr},
                 {"last_error", nullptr},
                 {"refused_drift", j.refused_drift},
                 {"refused_drift_at", j.refused_drift_at},
                 {"failed_event_at", j.failed_event_at},
                 {"hook_debts", json::array()},
                 {"memory", j.memory},
                 {"issuers", issuers_to_json(j.issuers)}};
  if (j.hold) object["hold"] = {{"generation", j.hold->generation}, {"since", j.hold->since}};
  if (j.last_error) {
    object["last_error"] = error_to_json(j.last_error->error);
    object["last_error"]["at"] = j.last_error->at;
  }
  for (const auto& h : j.hook_debts) {
    object["hook_debts"].push_back({{"hook", h.hook},
                                    {"event", h.event},
                                    {"message", h.message},
                                    {"code", h.code},
                                    {"hint", h.hint},
                                    {"tries", h.tries},
                                    {"next_try", h.next_try},
                                    {"error", error_to_json(h.error)}});
  }
  // Invalid UTF-8 from outside is replaced, never a reason to lose the journal.
  return object.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

Journal journal_from_text(const std::string& text_of_file) {
  try {
    const json object = json::parse(text_of_file);
    if (!object.is_object()) throw Failure::never("journal-damaged", "journal: not an object");
    const int format = object.at("format").get<int>();
    if (format > kJournalFormat) {
      throw Failure::never("journal-newer",
                           "journal: format " + std::to_string(format) + " was written by a newer certctl",
                           "install that version again; this one touches nothing");
    }
    return journal_from_json(object);
  } catch (const json::exception& error) {
    throw Failure::never("journal-damaged", std::string("journal: ") + error.what());
  } catch (const std::logic_error& error) {  // std::stoi
    throw Failure::never("journal-damaged", std::string("journal: ") + error.what());
  }
}

}  // namespace certctl::engine
