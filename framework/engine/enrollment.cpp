#include "framework/engine/enrollment.hpp"

#include <algorithm>

#include "framework/config/profile_hash.hpp"
#include "framework/engine/retry.hpp"
#include "framework/engine/rollover.hpp"
#include "framework/engine/words.hpp"
#include "framework/sys/kept_mode.hpp"
#include "framework/sys/room.hpp"

namespace certctl::engine {
namespace {

constexpr std::size_t kLongestToken = 64 * 1024;
constexpr std::size_t kStoreRoom = 64 * 1024;          // key, certificate, chain and CA set
constexpr EpochSeconds kSignerMargin = 7 * 24 * 3600;  // the self-signed signer lives give_up + 7 days

bool same_kind(const crypto::Key& key, const KeySpec& spec) {
  if (spec.type == KeyType::ec) return key.type() == crypto::PublicKeyType::ec && key.curve() == spec.curve;
  return key.type() == crypto::PublicKeyType::rsa && key.bits() == spec.bits;
}

}  // namespace

// What one call of an enroller needs. Members are destroyed in reverse order: the instance before its host.
struct Enrollment::Call {
  RecordedRequest request;
  Options options;
  std::unique_ptr<EngineHost> host;
  bool journal_failed = false;  // what the enroller wanted to be remembered could not be written
  std::optional<registry::Instance<EnrollerApi>> enroller;
  OpenedKey key;
  std::optional<Credential> current;
  OpenedKey current_key;
  EnrollRequest data;
};

RecordedRequest Enrollment::recorded() const {
  const auto text = session_.state().request();
  if (!text)
    throw Failure::never("journal-damaged", "the open request's tx/request.json is missing",
                         "`certctl renew --new-request` gives the request up, and keeps its key");
  return recorded_request_from_text(*text);
}

void Enrollment::count() {
  count_attempt(session_.journal().attempts, session_.now(), session_.context().random);
}

// --- rows 1 and 2 ---

void Enrollment::prepare(const Decision& decision) {
  Journal& journal = session_.journal();
  StateDirectory& state = session_.state();
  const config::Profile& profile = session_.profile();
  const PlanInput facts = session_.plan_input({}, false);

  const bool resumed = journal.request.phase == RequestPhase::idle && journal.request.resumed;
  journal.request = RequestRecord{};
  journal.request.phase = RequestPhase::attempt;
  journal.request.resumed = resumed;
  journal.request.action = action_word(decision.action);
  journal.request.reason = decision.reason;
  journal.request.since = session_.now();
  journal.attempts.configuration_hash = facts.configuration_hash;
  if (journal.hold) {
    session_.log(LogLevel::info, "the hold of generation " + std::to_string(journal.hold->generation) + " ends");
    journal.hold.reset();
  }
  count();
  session_.commit();  // row 1

  RecordedRequest request;
  request.action = journal.request.action;
  request.wanted = profile.request;
  request.request_hash = config::request_hash(profile, session_.next_issuer());
  request.subject_hash = facts.subject_hash;
  request.issuer_hash = facts.issuer_hash;
  const std::size_t issuer = session_.next_issuer();
  request.issuer_plugin = profile.issuers[issuer].plugin;
  request.issuer_options = profile.issuers[issuer].options;
  request.names = profile.names;
  request.key_provider = profile.key_provider.plugin;
  request.key_since = session_.now();
  const auto& active = session_.active();
  const bool renews = decision.action != Action::enroll && active && active->whole;
  if (renews) request.signer_generation = active->number;
  if (decision.use_recorded_request && active) {
    const auto it = journal.generations.find(active->number);
    if (it != journal.generations.end() && !it->second.request_json.empty()) {
      const RecordedRequest granted = recorded_request_from_text(it->second.request_json);
      request.wanted = granted.wanted;
      request.request_hash = granted.request_hash;
      request.subject_hash = granted.subject_hash;
    }
  }

  // SCEP-171
  const bool wants_new_key =
      decision.new_key || decision.action == Action::rekey || profile.rotate == config::Rotate::always;
  if (renews && !wants_new_key) {
    const Credential credential = session_.store().call(&StoreApi::read, active->number);
    request.key_is_current = true;
    const auto it = journal.generations.find(active->number);
    request.key_since = it == journal.generations.end() ? 0 : it->second.key_since;
    state.save_key(credential.key);
  } else {
    // A key that a verified FAILURE refused has no certificate: it serves the next attempt.
    std::optional<KeyRef> left = state.key();
    const bool reusable = [&] {
      if (!left || !left->exportable()) return false;
      try {
        return same_kind(crypto::Key::from_pem(left->pem.reveal()), profile.key);
      } catch (const Failure&) {
        return false;
      }
    }();
    if (!reusable) {
      auto provider = session_.key_provider(profile.key_provider.plugin);
      state.save_key(provider.call(&KeyProviderApi::generate, profile.key));
    }
  }
  state.save_request(recorded_request_to_text(request, true));
  journal.request.phase = RequestPhase::prepared;
  journal.request.resumed = false;
  session_.commit();  // row 2
}

// --- row 3 ---

std::unique_ptr<Enrollment::Call> Enrollment::make_call(const RecordedRequest& request) {
  auto call = std::make_unique<Call>();
  const config::Profile& profile = session_.profile();
  const Journal& journal = session_.journal();
  call->request = request;
  // Issuer and pin are those of the request; what is no part of the issuer's identity (time limits, proxy, a corrected
  // challenge) follows the profile.
  call->options = request.issuer_options;
  const auto& hashes = session_.issuer_hashes();
  const auto same = std::find(hashes.begin(), hashes.end(), request.issuer_hash);
  const std::size_t place = same == hashes.end() ? 0 : static_cast<std::size_t>(same - hashes.begin());
  if (profile.issuers[place].plugin == request.issuer_plugin) {
    const Options& current = profile.issuers[place].options;
    for (const OptionSpec& spec :
         session_.context().registry->options(registry::Kind::enroller, request.issuer_plugin)) {
      if (spec.identity) continue;
      const auto it = current.values().find(std::string_view(spec.name));
      if (it != current.values().end()) call->options.set(spec.name, it->second);
    }
  }
  call->host = std::make_unique<EngineHost>(session_.context(), profile.name, &session_.state(), "enroller",
                                            [this] { return session_.clock_trusted(); });
  call->host->on_checkpoint([this, failed = &call->journal_failed](const std::string& token, Checkpoint state,
                                                                   const std::string& transaction_id) {
    if (token.size() > kLongestToken) {
      throw Failure::never("internal", "the enroller's token is larger than 64 KiB");
    }
    RequestRecord& record = session_.journal().request;
    record.transaction_id = transaction_id;
    *failed = true;  // until it is written
    if (state == Checkpoint::not_sent) {
      record.phase = RequestPhase::prepared;
    } else {
      session_.state().save_token(token);
      if (record.phase != RequestPhase::pending) record.phase = RequestPhase::sent;
    }
    session_.commit();  // row 3
    *failed = false;
  });
  const auto key = session_.state().key();
  if (!key)
    throw Failure::never("journal-damaged", "the open request's key is missing", "run `certctl renew --new-request`");
  call->key = session_.open_key(*key);
  EnrollRequest& data = call->data;
  data.action = request.action == "enroll" ? EnrollAction::enroll : EnrollAction::renew;
  data.wanted = request.wanted;
  data.key = call->key.handle.get();
  data.key_is_current = request.key_is_current;
  if (request.signer_generation != 0) {
    try {
      call->current = session_.store().call(&StoreApi::read, request.signer_generation);
      call->current_key = session_.open_key(call->current->key);
      const auto certificate = crypto::Certificate::from_pem(call->current->certificate_pem);
      const EpochSeconds judge = session_.clock_trusted() ? session_.now() : session_.floor();
      data.current = &*call->current;
      data.current_key = call->current_key.handle.get();
      const auto signer = journal.generations.find(request.signer_generation);
      const bool revoked = signer != journal.generations.end() && signer->second.revoked_at != 0;
      data.current_usable = certificate.not_after_seconds() > judge && !revoked;
    } catch (const Failure& failure) {
      session_.log(LogLevel::warning, "the old credential cannot authenticate the renewal: " + failure.error().message);
      call->current.reset();
      data.current = nullptr;
      data.current_key = nullptr;
    }
  }
  const auto memory = journal.memory.find(request.issuer_hash);
  if (memory != journal.memory.end()) data.memory = memory->second;
  data.vouched_pem = pem_of(vouched_authorities(session_, request.issuer_hash));
  data.signer_lifetime = profile.pending_give_up + std::chrono::seconds(kSignerMargin);
  return call;
}

// A certificate that cannot be stored must not be asked for: a one-time challenge would be spent. The state directory
// proves itself by rows 1 to 3.
void Enrollment::require_store() {
  const std::string place = session_.store().call(&StoreApi::location);
  if (!place.starts_with('/')) return;  // a store that is no directory says it in put()
  try {
    sys::require_room(place, kStoreRoom);
    sys::require_modes_and_links(place);
  } catch (const Failure& failure) {
    throw Failure("store-unwritable",
                  "the store could not keep a new certificate, so nothing was sent: " + failure.error().message,
                  failure.error().hint + (failure.error().hint.empty() ? "" : "; ") +
                      "make the directory writable, or correct `path` of the store");
  }
}

EnrollmentEnd Enrollment::begin(const Decision& decision) {
  return pass_on(begin_at_issuer(decision), decision);
}

EnrollmentEnd Enrollment::begin_at_issuer(const Decision& decision) {
  try {
    require_store();
    prepare(decision);
  } catch (const Failure& failure) {
    return take_failure(failure.error());
  }
  return send();
}

EnrollmentEnd Enrollment::send() {
  try {
    require_store();
    return ask(recorded(), Question::first);
  } catch (const Failure& failure) {
    return take_failure(failure.error());
  }
}

EnrollmentEnd Enrollment::ask(const RecordedRequest& request, Question question) {
  asked_issuer_ = request.issuer_hash;
  std::string token;
  if (question != Question::first) {
    const auto saved = session_.state().token();
    if (!saved)
      throw Failure::never("journal-damaged", "the open request's token is missing",
                           "run `certctl renew --new-request`");
    token = *saved;
  }
  auto call = make_call(request);
  if (question == Question::first) session_.state().reserve_answer_space();
  EnrollOutcome outcome;
  try {
    call->enroller.emplace(
        session_.context().registry->make<EnrollerApi>(request.issuer_plugin, call->options, *call->host));
    if (question == Question::first) {
      outcome = call->enroller->call(&EnrollerApi::enroll, call->data, *call->host);
    } else {
      const ResumeReason reason = question == Question::in_doubt    ? ResumeReason::in_doubt
                                  : question == Question::last_poll ? ResumeReason::last_poll
                                                                    : ResumeReason::pending;
      outcome = call->enroller->call(&EnrollerApi::resume, call->data, token, reason, *call->host);
    }
  } catch (const Failure&) {
    issuer_failed_ = !call->journal_failed;
    throw;
  }
  issuer_answered();
  session_.journal().request.suggests_window = (*call->enroller)->supports(EnrollerPower::renewal_window);
  return take(outcome, question == Question::last_poll);
}

EnrollmentEnd Enrollment::ask_again() {
  Journal& journal = session_.journal();
  const bool pending = journal.request.phase == RequestPhase::pending;
  const Question question = !pending ? Question::in_doubt : request_is_over() ? Question::last_poll : Question::pending;
  try {
    return ask(recorded(), question);
  } catch (const Failure& failure) {
    return take_failure(failure.error());
  }
}

EnrollmentEnd Enrollment::resume() {
  Decision again;
  again.reason = session_.journal().request.reason;
  again.new_key = session_.journal().request.action == action_word(Action::rekey);
  return pass_on(go_on(), again);
}

EnrollmentEnd Enrollment::go_on() {
  Journal& journal = session_.journal();
  switch (journal.request.phase) {
    case RequestPhase::prepared:
    case RequestPhase::sent:
    case RequestPhase::pending:
      // An interruption is resumed at once, but only once: a crash in here waits for next_try.
      journal.request.resumed = true;
      count();
      session_.commit();
      return journal.request.phase == RequestPhase::prepared ? send() : ask_again();
    default: break;
  }
  try {
    if (journal.request.phase == RequestPhase::issued) return settle_issued();
    return activate();
  } catch (const Failure& failure) {
    return take_failure(failure.error());
  }
}

}  // namespace certctl::engine
