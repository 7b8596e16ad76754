// Enrollment, second half: what an issuer answered, from its receipt to the active generation.
#include "framework/engine/enrollment.hpp"

#include <algorithm>

#include "framework/engine/check.hpp"
#include "framework/engine/retry.hpp"
#include "framework/engine/words.hpp"

namespace certctl::engine {
namespace {

constexpr std::size_t kLongestMemory = 1024;

std::vector<crypto::Certificate> parse_all(const std::vector<std::string>& pems) {
  std::vector<crypto::Certificate> certificates;
  certificates.reserve(pems.size());
  for (const auto& pem : pems) certificates.push_back(crypto::Certificate::from_pem(pem));
  return certificates;
}

}  // namespace

EnrollmentEnd Enrollment::take(const EnrollOutcome& outcome, bool last_poll) {
  Journal& journal = session_.journal();
  for (const auto& warning : outcome.warnings) session_.log(LogLevel::warning, warning);
  if (outcome.memory && outcome.memory->size() <= kLongestMemory) {
    journal.memory[recorded().issuer_hash] = *outcome.memory;
  }
  if (!outcome.display.empty()) journal.request.display = outcome.display;
  switch (outcome.state) {
    case EnrollState::issued: {
      if (!outcome.key_pem.empty()) take_issuers_key(outcome);
      StoredAnswer answer{outcome.certificate_pem, outcome.ca_set_pem, outcome.anchors_pem,
                          outcome.self_signed_request};
      session_.state().save_answer(answer);
      journal.request.self_signed = outcome.self_signed_request;
      journal.request.phase = RequestPhase::issued;
      session_.commit();  // row 5
      return settle_issued();
    }
    case EnrollState::pending: {
      drop_attempt(journal.attempts);
      if (last_poll) {
        const std::string waited = say_duration(session_.now() - journal.request.since);
        abandon("given-up", "the issuer did not decide within " + waited);
        issuer_failed_ = true;
        const Error error{"gave-up", "the issuer did not decide within " + waited,
                          "ask the CA's operator; the next run makes a new request", RetryClass::later,
                          std::chrono::seconds{0}};
        count_attempt(journal.attempts, session_.now(), session_.context().random);
        return take_failure(error);
      }
      if (!outcome.transaction_id.empty()) journal.request.transaction_id = outcome.transaction_id;
      std::chrono::seconds wait = session_.profile().pending_poll;
      if (outcome.poll_after) wait = std::max(wait, std::clamp(*outcome.poll_after, kShortestHint, kLongestHint));
      journal.request.next_poll = session_.now() + wait.count();
      journal.request.phase = RequestPhase::pending;
      journal.request.resumed = false;
      journal.last_error.reset();
      session_.commit();  // row 4
      return EnrollmentEnd::pending;
    }
    case EnrollState::rejected: break;
  }
  // A verified FAILURE: the transaction is over, nothing is in doubt.
  issuer_failed_ = true;
  const RecordedRequest request = recorded();
  const GenerationRecord* active = nullptr;
  if (session_.active()) {
    const auto it = journal.generations.find(session_.active()->number);
    if (it != journal.generations.end()) active = &it->second;
  }
  if (active != nullptr && !active->request_hash.empty() && active->request_hash != request.request_hash) {
    journal.refused_drift = request.request_hash;
    journal.refused_drift_at = session_.now();
  }
  if (request.key_is_current) {
    session_.state().clear_transaction();
  } else {
    session_.state().clear_transaction_but_key();
  }
  fail_attempt(journal.attempts, outcome.reason, session_.now(), session_.context().random);
  journal.request.phase = RequestPhase::rejected;
  session_.remember(outcome.reason);
  session_.commit();
  session_.log(LogLevel::error,
               outcome.reason.message + (outcome.reason.hint.empty() ? "" : " (" + outcome.reason.hint + ")"));
  return EnrollmentEnd::failed;
}

// Before row 5: after a crash in between the request is still in doubt, and the issuer makes another key.
void Enrollment::take_issuers_key(const EnrollOutcome& outcome) {
  const auto ours = session_.state().key();
  const RecordedRequest request = recorded();
  if (request.key_is_current || (ours && !ours->exportable()))
    throw Failure::never("key-not-taken",
                         "the issuer made the key itself, and the profile's key stays where it is (" +
                             request.key_provider + (request.key_is_current ? ", kept at renewals" : "") + ")",
                         "let the issuer make none, or use `key: { file: {}, rotate: always }`");
  const auto key = crypto::Key::from_pem(outcome.key_pem);
  if (!crypto::Certificate::from_pem(outcome.certificate_pem).carries(key))
    throw Failure::never("other-key", "the issuer sent a key and a certificate that do not belong together",
                         "ask the operator of the CA");
  session_.state().save_key({request.key_provider, {}, outcome.key_pem});
}

EnrollmentEnd Enrollment::take_failure(const Error& error) {
  Journal& journal = session_.journal();
  fail_attempt(journal.attempts, error, session_.now(), session_.context().random);
  journal.request.resumed = true;  // no interruption: the back-off says when
  // Nothing was prepared: no record stays open.
  if (journal.request.phase == RequestPhase::attempt) journal.request.phase = RequestPhase::idle;
  session_.remember(error);
  session_.log(LogLevel::error, error.message + (error.hint.empty() ? "" : " (" + error.hint + ")"));
  session_.commit();
  return EnrollmentEnd::failed;
}

// --- rows 5 to 8 ---

EnrollmentEnd Enrollment::settle_issued() {
  Journal& journal = session_.journal();
  const auto answer = session_.state().answer();
  if (!answer) throw Failure("journal-damaged", "the received certificate is missing from tx/");
  const RecordedRequest request = recorded();
  const auto key_reference = session_.state().key();
  if (!key_reference) throw Failure::never("journal-damaged", "the open request's key is missing");
  CheckResult result;
  std::optional<crypto::Certificate> issued;
  try {
    issued = crypto::Certificate::from_pem(answer->certificate_pem);
    const OpenedKey opened = session_.open_key(*key_reference);
    const auto key = crypto::Key::from_borrowed(opened.handle.get());
    CheckInput input;
    input.issued = &*issued;
    input.key = &key;
    input.candidates = parse_all(answer->ca_set_pem);
    input.anchors = parse_all(answer->anchors_pem);
    input.wanted = request.wanted;
    input.names = request.names;
    input.renew = session_.profile().renew;
    input.old = session_.active_certificate();
    input.now = session_.now();
    input.floor = session_.floor();
    input.clock_trusted = session_.clock_trusted();
    result = check_answer(input);
  } catch (const Failure& failure) {
    return refuse(failure.error());
  }
  for (const auto& warning : result.warnings) session_.log(LogLevel::warning, warning);
  if (result.verdict == Verdict::refuse) return refuse(result.refusal);
  journal.request.differs = result.differs;
  journal.request.not_extended = result.not_extended;
  journal.request.activate_at = result.verdict == Verdict::wait ? result.valid_from : 0;
  return store_answer(*answer, *key_reference, *issued, result.chain);
}

EnrollmentEnd Enrollment::refuse(const Error& why) {
  Journal& journal = session_.journal();
  StateDirectory& state = session_.state();
  issuer_failed_ = true;
  state.keep_transaction("refused", why.message, session_.now());
  fail_attempt(journal.attempts, why, session_.now(), session_.context().random);
  journal.request.phase = RequestPhase::refused;
  session_.remember(why);
  session_.commit();  // row 6
  state.clear_transaction();
  session_.log(LogLevel::error,
               "the issued certificate is refused: " + why.message + (why.hint.empty() ? "" : " (" + why.hint + ")"));
  return EnrollmentEnd::failed;
}

EnrollmentEnd Enrollment::store_answer(const StoredAnswer& answer, const KeyRef& key, const crypto::Certificate& issued,
                                       const std::vector<crypto::Certificate>& chain) {
  Journal& journal = session_.journal();
  Credential credential;
  credential.serial = issued.serial();
  credential.fingerprint = issued.fingerprint();
  credential.certificate_pem = issued.to_pem();
  for (const auto& certificate : chain) credential.chain_pem.push_back(certificate.to_pem());
  credential.ca_set_pem = answer.ca_set_pem;
  credential.key = key;
  journal.request.generation = session_.store().call(&StoreApi::put, credential);
  journal.request.phase = RequestPhase::stored;
  clear_attempts(journal.attempts);
  journal.last_error.reset();
  session_.commit();  // row 7
  if (journal.request.activate_at > session_.now() && session_.clock_trusted()) {
    session_.log(LogLevel::info, "serial " + credential.serial + " is stored; it is not valid before " +
                                     say_time(journal.request.activate_at));
    return EnrollmentEnd::waiting;
  }
  if (journal.hold) {
    session_.log(LogLevel::info, "serial " + credential.serial + " is stored; generation " +
                                     std::to_string(journal.hold->generation) +
                                     " is held: run `certctl release` to activate it");
    return EnrollmentEnd::waiting;
  }
  return activate();
}

EnrollmentEnd Enrollment::activate() {
  Journal& journal = session_.journal();
  RequestRecord& request = journal.request;
  if (request.phase != RequestPhase::active) {
    request.previous = session_.active() ? session_.active()->number : 0;
    request.phase = RequestPhase::active;
    session_.commit();  // row 8
  }
  session_.store().call(&StoreApi::activate, request.generation);

  const RecordedRequest data = recorded();
  const auto answer = session_.state().answer();
  if (!answer) throw Failure("journal-damaged", "the received certificate is missing from tx/");
  const auto issued = crypto::Certificate::from_pem(answer->certificate_pem);
  GenerationRecord record;
  record.request_hash = data.request_hash;
  record.subject_hash = data.subject_hash;
  record.issuer_hash = data.issuer_hash;
  record.fingerprint = issued.fingerprint();
  record.not_before = issued.not_before_seconds();
  record.not_after = issued.not_after_seconds();
  record.key_since = data.key_since;
  record.self_signed = request.self_signed || data.action == "enroll";
  record.not_extended = request.not_extended;
  record.activated = session_.now();
  record.window_question = request.suggests_window ? session_.now() : 0;
  record.differs = request.differs;
  record.request_json = recorded_request_to_text(data, false);
  journal.generations[request.generation] = std::move(record);
  journal.active = request.generation;
  journal.store_location = session_.store_location();
  journal.floor = std::max(journal.floor, issued.not_before_seconds());
  if (journal.refused_drift == data.request_hash) journal.refused_drift.clear();
  clear_attempts(journal.attempts);
  journal.last_error.reset();
  journal.hold.reset();
  const int generation = request.generation;
  request = RequestRecord{};
  session_.commit();  // row 13 for the request; only now tx/ may go: the key is in the store
  session_.state().clear_transaction();
  session_.refresh_active();
  session_.log(LogLevel::info, "generation " + std::to_string(generation) + " is active: serial " + issued.serial() +
                                   ", valid until " + say_time(issued.not_after_seconds()));
  return EnrollmentEnd::activated;
}

void Enrollment::abandon(const std::string& kind, const std::string& why) {
  Journal& journal = session_.journal();
  session_.state().keep_transaction(kind, why, session_.now());
  journal.request = RequestRecord{};
  session_.commit();
  session_.state().clear_transaction();
  session_.log(LogLevel::warning, "the open request is given up (" + why + "); its key is kept");
}

}  // namespace certctl::engine
