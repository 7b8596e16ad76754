#include "enrollers/scep/enrollment.hpp"

#include "enrollers/scep/protocol/ca_certificates.hpp"
#include "enrollers/scep/server.hpp"
#include "framework/crypto/csr.hpp"
#include "framework/crypto/digest.hpp"
#include "framework/crypto/key.hpp"
#include "framework/crypto/random.hpp"
#include "framework/crypto/self_signed.hpp"

#include <algorithm>

namespace certctl::scep {
namespace {

constexpr std::chrono::seconds kShortestSigner = std::chrono::hours(7 * 24);
constexpr std::chrono::seconds kSignerWithoutClock = std::chrono::hours(20 * 365 * 24);

// 64 hexadecimal digits that anybody can compute from the key; another message has another one (SCEP-083).
std::string transaction_id_of(const crypto::Key& key, Step step) {
  Bytes material = key.spki_der();
  if (step != Step::self_signed) material.push_back(static_cast<std::uint8_t>(step));
  return crypto::hex_text(crypto::sha256(material));
}

bool is_too_long(const crypto::Certificate& certificate) {
  return certificate.der().size() > kLongestCertificate;
}

// An RA that would do if it were its time. Without it only an EC CA might be left, to which requests go encrypted with
// the challenge, and which hardly any server reads.
void check_ra_validity(const trust::TrustedSet& trusted, std::span<const crypto::Certificate> fetched,
                       std::optional<TimePoint> now) {
  const auto is_rsa = [](const crypto::Certificate& one) { return one.key_type() == crypto::PublicKeyType::rsa; };
  if (!now || std::any_of(trusted.vouched.begin(), trusted.vouched.end(), is_rsa)) return;
  for (const crypto::Certificate& one : fetched) {
    if (one.is_ca() || !is_rsa(one) || !trust::chains_to(one, fetched, trusted.anchors, std::nullopt)) continue;
    const bool over = one.not_after() < *now;
    throw Failure("ra-not-valid",
                  "the RA's certificate " + one.subject_text() + (over ? " has expired" : " is not valid yet"),
                  over ? "ask the operator of the CA to renew it" : "is the clock of this device right?");
  }
}

}  // namespace

Enrollment::Enrollment(const Settings& settings, Transport& transport, const EnrollRequest& request, EnrollHost& host)
    : settings_(settings),
      transport_(transport),
      request_(request),
      host_(host),
      exchange_(settings, transport, host),
      memory_(memory_from(request.memory)) {
  for (const std::string& pem : request.vouched_pem) vouched_.push_back(crypto::Certificate::from_pem(pem));
}

// --- what a run needs ---

void Enrollment::check_key(evp_pkey_st* key, const char* whose) const {
  const crypto::Key borrowed = crypto::Key::from_borrowed(key);
  if (borrowed.type() != crypto::PublicKeyType::ec) return;
  if (!settings_.allow_ec)
    throw Failure::never(
        "key-refused",
        std::string(whose) + " is an EC key: many SCEP servers issue the certificate and cannot send it back",
        "use `key: { type: rsa }`; if this server is known to answer EC keys, set `allow_ec: true`");
  // RFC 8894 §3.1: the reply to a key that cannot encrypt is protected with the challenge.
  if (settings_.challenge.empty())
    throw Failure::never(
        "key-refused",
        std::string(whose) + " is an EC key, and there is no challenge with which the CA could protect its reply",
        "set `challenge`, or use an RSA key");
}

std::optional<TimePoint> Enrollment::trusted_now() const {
  return host_.clock_trusted() ? std::optional(host_.now()) : std::nullopt;
}

Secret Enrollment::challenge() {
  if (!challenge_) {
    challenge_ = settings_.challenge.empty() ? Secret() : host_.read_secret(settings_.challenge).value();
    if (!settings_.challenge.empty() && challenge_->empty())
      throw Failure::never("secret-empty", "the challenge password is empty",
                           "put it into the file that `challenge` names");
  }
  return *challenge_;
}

// A CA whose key cannot encrypt gets its requests protected with the challenge (RFC 8894 §3.1).
Secret Enrollment::password_for(const Transaction& transaction) {
  return transaction.recipient->key_type() == crypto::PublicKeyType::rsa ? Secret() : challenge();
}

evp_pkey_st* Enrollment::signer_key(const Transaction& transaction) const {
  for (evp_pkey_st* key : {request_.key, request_.current_key})
    if (key != nullptr && transaction.signer->carries(key)) return key;
  throw Failure::never("signer-missing", "the key that signed the open request is not there any more",
                       "run `certctl renew --new-request` to begin anew");
}

bool Enrollment::current_is_of(const std::vector<crypto::Certificate>& anchors,
                               const std::vector<crypto::Certificate>& set) const {
  std::vector<crypto::Certificate> candidates = set, roots = anchors;
  for (const std::string& pem : request_.current->chain_pem) candidates.push_back(crypto::Certificate::from_pem(pem));
  for (const std::string& pem : request_.current->ca_set_pem) candidates.push_back(crypto::Certificate::from_pem(pem));
  // In a rollover the CA that issued it is none of the issuer's set any more, but still the one that the pin names.
  if (!vouched_.empty()) {
    std::vector<crypto::Certificate> own;
    for (const std::string& pem : request_.current->ca_set_pem) own.push_back(crypto::Certificate::from_pem(pem));
    try {
      for (auto& anchor : trust::apply_pin(settings_.pin, own, memory_.first_use, std::nullopt).anchors)
        roots.push_back(std::move(anchor));
    } catch (const Failure&) {  // another CA's: judged below
    }
  }
  return trust::chains_to(crypto::Certificate::from_pem(request_.current->certificate_pem), candidates, roots,
                          std::nullopt);
}

// A certificate that is too long to be sent with a request is no use for a renewal: the request begins anew.
bool Enrollment::current_can_sign() {
  if (!is_too_long(crypto::Certificate::from_pem(request_.current->certificate_pem))) return true;
  warn("the certificate in service is longer than " + std::to_string(kLongestCertificate) +
       " bytes: a new one is requested without it");
  return false;
}

trust::TrustedSet Enrollment::fetch_trusted_set(std::string_view remembered) {
  const std::vector<crypto::Certificate> fetched = fetch_ca_certificates(settings_, transport_);
  trust::TrustedSet trusted = trust::apply_pin(settings_.pin, fetched, remembered, trusted_now(), vouched_);
  for (std::string& warning : trusted.warnings) warn(std::move(warning));
  check_ra_validity(trusted, fetched, trusted_now());
  const std::size_t before = trusted.vouched.size();
  std::erase_if(trusted.vouched, is_too_long);
  if (trusted.vouched.empty())
    throw Failure("ca-unreadable",
                  "each of the CA's certificates is longer than " + std::to_string(kLongestCertificate) + " bytes",
                  "ask the operator of the CA");
  if (trusted.vouched.size() != before)
    warn("of the CA's certificates " + std::to_string(before - trusted.vouched.size()) + " of more than " +
         std::to_string(kLongestCertificate) + " bytes are not used");
  if (trusted.first_use) memory_.first_use = *trusted.first_use;
  return trusted;
}

// A transaction may outlive the RA certificate that it began with.
void Enrollment::renew_ca_set(Transaction& transaction) {
  exchange_.on_unknown_signer(
      [this, remembered = transaction.first_use] { return fetch_trusted_set(remembered).vouched; });
  const auto now = trusted_now();
  if (!now || transaction.recipient->not_after() > *now) return;
  const trust::TrustedSet trusted = fetch_trusted_set(transaction.first_use);
  for (const crypto::Certificate& certificate : trusted.vouched)
    if (std::find(transaction.ca_set.begin(), transaction.ca_set.end(), certificate) == transaction.ca_set.end())
      transaction.ca_set.push_back(certificate);
  if (auto recipient = choose_recipient(trusted.vouched, now)) transaction.recipient = std::move(recipient);
}

void Enrollment::make_request(Transaction& transaction, std::vector<Step> steps) {
  transaction.step = steps.front();
  transaction.next.assign(steps.begin() + 1, steps.end());
  transaction.repeat_unanswered = false;
  const bool renews = signs_with_current(transaction.step);
  const crypto::Key key = crypto::Key::from_borrowed(request_.key);

  crypto::CsrOptions options;
  std::optional<crypto::Certificate> current;
  if (renews) {
    current = crypto::Certificate::from_pem(request_.current->certificate_pem);
    // Many CAs rewrite the subject, and refuse another one as a request on behalf of somebody else.
    if (!settings_.profile_subject_on_renewal) options.subject_der = current->subject_der();
  }
  // PKCS #10 knows no MD5 here: what is too old for the message is signed with SHA-1 inside it.
  options.digest = transaction.digest == crypto::Digest::md5 ? crypto::Digest::sha1 : transaction.digest;
  // SCEP-018, SCEP-110
  transaction.csr =
      crypto::build_csr(request_.wanted, key, sends_challenge(transaction.step) ? challenge() : Secret(), options);
  if (current) {
    // SCEP-013
    transaction.signer = std::move(current);
  } else {
    // SCEP-010, SCEP-012
    transaction.signer = self_signed_for(transaction, key, options.digest);
  }

  // SCEP-082
  transaction.id = fresh_transaction_id();
  if (settings_.transaction_ids == TransactionIds::key) {
    if (request_.key_is_current)
      throw Failure::never(
          "bad-option",
          "`transaction_id: key` does not go with a key that is kept: the CA would answer with the old certificate",
          "set `rotate: always`, or `transaction_id: random`");
    transaction.id = transaction_id_of(key, transaction.step);
  }
}

// Without a clock the CA set says how late it must be at least, and the certificate lives long: a server with a clock
// would not look at one that ended in 1970.
crypto::Certificate Enrollment::self_signed_for(const Transaction& transaction, const crypto::Key& key,
                                                crypto::Digest digest) const {
  TimePoint now = host_.now();
  std::chrono::seconds lifetime = std::max(request_.signer_lifetime, kShortestSigner);
  if (!host_.clock_trusted()) {
    for (const crypto::Certificate& certificate : transaction.ca_set) now = std::max(now, certificate.not_before());
    lifetime = std::max(lifetime, kSignerWithoutClock);
  }
  return crypto::make_self_signed(crypto::Csr::from_der(transaction.csr).subject_der(), key, now, lifetime, digest);
}

void Enrollment::save(const Transaction& transaction, Checkpoint state) {
  host_.checkpoint(token_of(transaction), state, transaction.id).value();
}

// --- beginning ---

EnrollOutcome Enrollment::begin() {
  try {
    check_key(request_.key, "the request's key");
    const bool renews =
        request_.action == EnrollAction::renew && request_.current != nullptr && request_.current_key != nullptr;
    AnnouncedCapabilities announced = fetch_capabilities(settings_, transport_);
    for (std::string& warning : announced.warnings) warn(std::move(warning));
    // SCEP-004
    const trust::TrustedSet trusted = fetch_trusted_set(memory_.first_use);

    Transaction transaction;
    transaction.ca_set = trusted.vouched;
    transaction.anchors = trusted.anchors;
    transaction.first_use = memory_.first_use;
    transaction.recipient = choose_recipient(trusted.vouched, trusted_now());
    const Algorithms algorithms =
        choose_algorithms(announced.capabilities, settings_.legacy, settings_.cipher, settings_.digest);
    for (const std::string& warning : algorithms.warnings) warn(warning);
    transaction.cipher = algorithms.cipher;
    transaction.digest = algorithms.digest;
    // SCEP-133
    transaction.post =
        settings_.http == HttpMethod::by_capability ? announced.capabilities.post : settings_.http == HttpMethod::post;

    std::vector<Step> steps{Step::self_signed};
    if (renews) {
      LadderInput input;
      input.renewal_announced = announced.capabilities.renewal;
      input.has_challenge = !settings_.challenge.empty();
      input.current_usable = request_.current_usable && current_can_sign();
      if (request_.current_key != nullptr &&
          crypto::Key::from_borrowed(request_.current_key).type() != crypto::PublicKeyType::rsa) {
        input.answer_needs_challenge = true;
        input.has_challenge = input.has_challenge && settings_.allow_ec;
      }
      input.current_of_this_ca = current_is_of(trusted.anchors, trusted.vouched);
      input.message = settings_.renewal_message;
      input.challenge = settings_.renewal_challenge;
      input.remembered = memory_.step;
      steps = renewal_ladder(input);
    }
    make_request(transaction, std::move(steps));
    return climb(std::move(transaction));
  } catch (const Failure&) {
    for (const std::string& warning : warnings_) host_.log(LogLevel::warning, warning);
    throw;
  }
}

EnrollOutcome Enrollment::climb(Transaction transaction) {
  for (;;) {
    if (Ended ended = try_step(transaction)) return std::move(*ended);
    host_.log(LogLevel::info, "the CA does not accept " + std::string(name_of(transaction.step)) + "; trying " +
                                  std::string(name_of(transaction.next.front())));
    make_request(transaction, transaction.next);
  }
}

Enrollment::Ended Enrollment::try_step(Transaction& transaction) {
  if (signs_with_current(transaction.step)) check_key(request_.current_key, "the key of the certificate in service");
  save(transaction, Checkpoint::about_to_send);
  std::optional<Answer> answer;
  try {
    answer = send_request(transaction);
  } catch (const TransportFailure& failure) {
    if (failure.nothing_sent()) {
      save(transaction, Checkpoint::not_sent);
      throw;
    }
    if (failure.error().code == "deadline") throw;  // it would take as long again: the next run settles it
    host_.log(LogLevel::warning, "no answer to the request: " + failure.error().message);
    return settle(transaction);
  }
  if (answer->reply) return conclude(transaction, *answer);
  const bool not_understood = answer->http.status == 400 || answer->http.status == 501;
  if (not_understood && !transaction.next.empty() && exchange_.left() > 0) return std::nullopt;
  const Failure failure = failure_of(answer->http, "the request");
  if (answer->http.status != 500) throw failure;
  host_.log(LogLevel::warning, failure.error().message);
  return settle(transaction);
}

// --- in doubt ---

EnrollOutcome Enrollment::resume(const std::string& token, ResumeReason reason) {
  Transaction transaction = transaction_from(token);
  if (memory_.first_use.empty()) memory_.first_use = transaction.first_use;
  try {
    renew_ca_set(transaction);
    if (reason != ResumeReason::in_doubt) return poll(transaction);
    if (transaction.repeat_unanswered && !transaction.next.empty()) {
      // Asked twice, never answered: one last look, then the next way.
      if (Ended ended = poll_in_doubt(transaction)) return std::move(*ended);
      make_request(transaction, transaction.next);
      return climb(std::move(transaction));
    }
    if (Ended ended = settle(transaction)) return std::move(*ended);
    make_request(transaction, transaction.next);
    return climb(std::move(transaction));
  } catch (const Failure&) {
    for (const std::string& warning : warnings_) host_.log(LogLevel::warning, warning);
    throw;
  }
}

// Nothing: the server cannot say. Only what an answer holds, and having no connection at all, ends the run.
Enrollment::Ended Enrollment::poll_in_doubt(Transaction& transaction) {
  std::optional<Answer> answer;
  try {
    answer = send_poll(transaction);
  } catch (const TransportFailure& failure) {
    if (failure.nothing_sent()) throw;
    return std::nullopt;
  } catch (const Failure& failure) {
    host_.log(LogLevel::warning, "the answer to a poll is not used: " + failure.error().message);
    return std::nullopt;
  }
  if (!answer->reply || answer->reply->status == PkiStatus::failure) return std::nullopt;
  return conclude(transaction, *answer);
}

// SCEP-190: only when polling and repeating bring no answer does a new request follow.
Enrollment::Ended Enrollment::settle(Transaction& transaction) {
  was_in_doubt_ = true;
  if (Ended ended = poll_in_doubt(transaction)) return ended;
  const bool first_repeat = !transaction.repeat_unanswered;
  transaction.repeat_unanswered = true;  // until there is an answer
  if (first_repeat) save(transaction, Checkpoint::about_to_send);
  std::optional<Answer> answer;
  try {
    answer = send_request(transaction);  // a failure leaves it in doubt
  } catch (const TransportFailure& failure) {
    if (failure.nothing_sent() && first_repeat) {
      transaction.repeat_unanswered = false;
      save(transaction, Checkpoint::about_to_send);
    }
    throw;
  }
  if (answer->reply) return conclude(transaction, *answer);
  throw failure_of(answer->http, "the request, sent again,");
}

// --- pending ---

EnrollOutcome Enrollment::poll(Transaction& transaction) {
  Answer answer = send_poll(transaction);
  if (!answer.reply) throw failure_of(answer.http, "the poll");
  if (answer.reply->status == PkiStatus::failure) return rejected(transaction, answer, false);
  return std::move(*conclude(transaction, answer));
}

Answer Enrollment::send_request(const Transaction& transaction) {
  return exchange_.send(message_type_of(transaction.step), transaction.csr, transaction, signer_key(transaction),
                        password_for(transaction));
}

// SCEP-118, SCEP-175
Answer Enrollment::send_poll(const Transaction& transaction) {
  const auto issuing = find_issuing_ca(transaction.ca_set, trusted_now());
  IssuerAndSubject names;
  names.issuer_der = issuing ? issuing->subject_der() : transaction.recipient->issuer_der();
  names.subject_der = crypto::Csr::from_der(transaction.csr).subject_der();
  return exchange_.send(MessageType::cert_poll, encode(names), transaction, signer_key(transaction),
                        password_for(transaction));
}

}  // namespace certctl::scep
