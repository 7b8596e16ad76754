#include "enrollers/est/enrollment.hpp"

#include "enrollers/est/protocol/transfer.hpp"
#include "enrollers/est/protocol/words.hpp"
#include "enrollers/est/server.hpp"
#include "enrollers/est/wishes.hpp"
#include "framework/crypto/alt_name.hpp"
#include "framework/crypto/csr.hpp"
#include "framework/crypto/digest.hpp"
#include "framework/sys/atomic_file.hpp"

#include <algorithm>
#include <set>

namespace certctl::est {
namespace {

constexpr std::size_t kMaxIdentityFile = 1U << 20U;
constexpr std::size_t kIdDigits = 32;
constexpr std::string_view kClientAuth = "1.3.6.1.5.5.7.3.2";
constexpr std::string_view kAnyUsage = "2.5.29.37.0";

bool allows_client_auth(const crypto::Certificate& certificate) {
  const auto usages = certificate.extended_usages();
  return !usages || std::any_of(usages->begin(), usages->end(),
                                [](const std::string& one) { return one == kClientAuth || one == kAnyUsage; });
}

std::set<std::string> identities_of(const std::vector<AltName>& names) {
  std::set<std::string> all;
  for (const AltName& name : names) all.insert(crypto::alt_name_identity(name));
  return all;
}

}  // namespace

Enrollment::Enrollment(const Settings& settings, Transport& transport, const EnrollRequest& request, EnrollHost& host)
    : settings_(settings),
      transport_(transport),
      request_(request),
      host_(host),
      memory_(memory_from(request.memory)),
      vouched_(crypto::Certificate::each_from_pem(request.vouched_pem)) {}

// --- what a run needs ---

std::optional<TimePoint> Enrollment::trusted_now() const {
  return host_.clock_trusted() ? std::optional(host_.now()) : std::nullopt;
}

void Enrollment::log_warnings() {
  for (const std::string& warning : warnings_) host_.log(LogLevel::warning, warning);
  warnings_.clear();
}

trust::TrustedSet Enrollment::fetch_trusted_set(std::string_view remembered) {
  const std::vector<crypto::Certificate> fetched = fetch_ca_certificates(settings_, transport_);
  trust::TrustedSet trusted = trust::apply_pin(settings_.pin, fetched, remembered, trusted_now(), vouched_);
  for (std::string& warning : trusted.warnings) warn(std::move(warning));
  if (trusted.first_use) memory_.first_use = *trusted.first_use;
  return trusted;
}

void Enrollment::renew_ca_set(Transaction& transaction) {
  const trust::TrustedSet trusted = fetch_trusted_set(transaction.first_use);
  for (const auto& [from, into] :
       {std::pair(&trusted.vouched, &transaction.ca_set), std::pair(&trusted.anchors, &transaction.anchors)})
    for (const crypto::Certificate& one : *from)
      if (std::find(into->begin(), into->end(), one) == into->end()) into->push_back(one);
}

// Whether the certificate in service can be shown to this server.
bool Enrollment::current_authenticates(const trust::TrustedSet& trusted) {
  if (request_.action != EnrollAction::renew || request_.current == nullptr || request_.current_key == nullptr)
    return false;
  if (!request_.current_usable) {
    warn("the certificate in service has expired or is revoked: it authenticates nothing, a new one is requested");
    return false;
  }
  const auto current = crypto::Certificate::from_pem(request_.current->certificate_pem);
  std::vector<crypto::Certificate> candidates = trusted.vouched;
  for (const auto* list : {&request_.current->chain_pem, &request_.current->ca_set_pem})
    for (crypto::Certificate& one : crypto::Certificate::each_from_pem(*list)) candidates.push_back(std::move(one));
  if (!trust::chains_to(current, candidates, trusted.anchors, std::nullopt)) {
    warn("the certificate in service is another CA's: it is not shown to this one");
    return false;
  }
  if (!allows_client_auth(current))
    warn(
        "the certificate in service may not be used by TLS clients (no clientAuth): servers refuse it for a renewal; "
        "add clientAuth to `usage`");
  return true;
}

// EST-016, EST-018, EST-020
std::vector<Step> Enrollment::choose_steps(const trust::TrustedSet& trusted, bool& presents_current) {
  presents_current = current_authenticates(trusted);
  if (settings_.server_key) return {Step::server_key};
  if (!presents_current) return {Step::enroll};
  // RFC 7030 §4.2.2: simplereenroll is for the very names of the certificate that it renews. Where the profile wants
  // others, or the CA adds some by itself, it is another certificate, for which the one in service stands surety.
  const auto current = crypto::Certificate::from_pem(request_.current->certificate_pem);
  const bool same_names = identities_of(current.alt_names()) == identities_of(request_.wanted.alt_names);
  if (memory_.no_reenroll || !same_names) return {Step::enroll_with_current, Step::reenroll};
  return {Step::reenroll, Step::enroll_with_current};
}

Identity Enrollment::configured_identity() {
  std::vector<crypto::Certificate> certificates;
  try {
    certificates = crypto::Certificate::all_from_pem(sys::read_file(settings_.client_certificate, kMaxIdentityFile));
    if (certificates.empty()) throw Failure::never("", settings_.client_certificate + " holds no certificate in PEM");
  } catch (const Failure& failure) {
    throw Failure::never("identity-unreadable", "cannot read client_certificate: " + failure.error().message,
                         "put the certificate there, in PEM, and its chain after it");
  }
  if (!client_key_) {
    try {
      client_key_ = crypto::Key::from_pem(host_.read_secret(settings_.client_key).value());
    } catch (const Failure& failure) {
      throw Failure::never("identity-unreadable", "cannot read client_key: " + failure.error().message,
                           "put the key of client_certificate there, in PEM, not encrypted");
    }
  }
  Identity identity{certificates.front(), {certificates.begin() + 1, certificates.end()}, client_key_->get()};
  return identity;
}

Access Enrollment::access_for(const Transaction& transaction) {
  Access access;
  access.judge_validity = host_.clock_trusted();
  access.authorities = transaction.ca_set;
  access.authorities.insert(access.authorities.end(), transaction.anchors.begin(), transaction.anchors.end());
  if (transaction.presents_current) {
    if (request_.current == nullptr || request_.current_key == nullptr)
      throw Failure::never("signer-missing", "the credential that authenticated the open request is not there any more",
                           "run `certctl renew --new-request` to begin anew");
    access.identity = Identity{crypto::Certificate::from_pem(request_.current->certificate_pem),
                               crypto::Certificate::each_from_pem(request_.current->chain_pem), request_.current_key};
  } else if (!settings_.client_certificate.empty()) {
    access.identity = configured_identity();
  }
  if (!settings_.user.empty() && (!transaction.presents_current || settings_.renewal_login)) {
    Secret password = host_.read_secret(settings_.password).value();
    if (password.empty())
      throw Failure::never("secret-empty", "the password of the login is empty",
                           "put it into the file that `password` names");
    access.login = Login{settings_.user, std::move(password), settings_.scheme, access.identity.has_value()};
  }
  return access;
}

// EST-009, EST-012
void Enrollment::make_request(Transaction& transaction, std::vector<Step> steps) {
  transaction.step = steps.front();
  transaction.next.assign(steps.begin() + 1, steps.end());
  const crypto::Key key = crypto::Key::from_borrowed(request_.key);
  const CertificateRequest& wanted = request_.wanted;
  crypto::CsrOptions options;
  if (transaction.presents_current && !settings_.profile_subject_on_renewal) {
    const auto current = crypto::Certificate::from_pem(request_.current->certificate_pem);
    options.subject_der = current.subject_der();
  }
  if (settings_.csr_attributes) {
    WishedAttributes wished = fetch_csr_attributes(settings_, transport_, access_for(transaction));
    for (std::string& warning : wished.warnings) warn(std::move(warning));
    Granted granted = grant(wished.attributes, wanted, key);
    for (std::string& warning : granted.warnings) warn(std::move(warning));
    options.digest = granted.digest;
    options.more_extensions = std::move(granted.extensions);
  }
  transaction.csr = crypto::build_csr(wanted, key, Secret(), options);
  name(transaction);
}

// EST has no name for a request but its bytes, and who sends them where.
void Enrollment::name(Transaction& transaction) const {
  Bytes whole = transaction.csr;
  for (const char c : word_of(transaction.step)) whole.push_back(static_cast<std::uint8_t>(c));
  if (transaction.presents_current) {
    const Bytes current = crypto::Certificate::from_pem(request_.current->certificate_pem).der();
    whole.insert(whole.end(), current.begin(), current.end());
  }
  transaction.id = crypto::sha256_hex(crypto::BytesView(whole)).substr(0, kIdDigits);
}

void Enrollment::save(const Transaction& transaction, Checkpoint state) {
  host_.checkpoint(token_of(transaction), state, transaction.id).value();
}

// --- beginning ---

EnrollOutcome Enrollment::begin() {
  try {
    if (settings_.server_key && request_.key_is_current)
      throw Failure::never("bad-option", "`server_key` does not go with a key that is kept: the server makes a new one",
                           "set `rotate: always`");
    return begin_with(fetch_trusted_set(memory_.first_use));
  } catch (const Failure&) {
    log_warnings();
    throw;
  }
}

EnrollOutcome Enrollment::begin_with(const trust::TrustedSet& trusted) {
  Transaction transaction;
  transaction.ca_set = trusted.vouched;
  transaction.anchors = trusted.anchors;
  transaction.first_use = memory_.first_use;
  make_request(transaction, choose_steps(trusted, transaction.presents_current));
  return climb(std::move(transaction));
}

EnrollOutcome Enrollment::climb(Transaction transaction) {
  for (;;) {
    if (Ended ended = try_step(transaction)) return std::move(*ended);
    next_step(transaction);
  }
}

// The same request by another operation: nothing in it depends on that.
void Enrollment::next_step(Transaction& transaction) {
  const Step refused = transaction.step;
  transaction.step = transaction.next.front();
  transaction.next.erase(transaction.next.begin());
  name(transaction);
  host_.log(LogLevel::info, "the server does not renew by " + std::string(operation_of(refused)) + "; trying " +
                                std::string(operation_of(transaction.step)));
}

HttpReply Enrollment::send(const Transaction& transaction) {
  return transport_.post(address_of(settings_, operation_of(transaction.step)), std::string(kTypeRequest),
                         encode_transfer(transaction.csr), access_for(transaction));
}

Enrollment::Ended Enrollment::try_step(Transaction& transaction) {
  save(transaction, Checkpoint::about_to_send);
  try {
    const HttpReply reply = send(transaction);
    return conclude(transaction, reply);
  } catch (const TransportFailure& failure) {
    // A server that redirects has not looked at the request.
    if (failure.nothing_sent() || failure.error().code == "redirect-refused") save(transaction, Checkpoint::not_sent);
    throw;
  }
}

// --- again ---

EnrollOutcome Enrollment::resume(const std::string& token, ResumeReason reason) {
  Transaction transaction = transaction_from(token);
  if (memory_.first_use.empty()) memory_.first_use = transaction.first_use;
  was_in_doubt_ = reason == ResumeReason::in_doubt;
  was_pending_ = !was_in_doubt_;
  try {
    // EST-020: nobody would accept it again.
    if (was_in_doubt_ && transaction.presents_current && !request_.current_usable)
      return begin_with(fetch_trusted_set(transaction.first_use));
    return ask_again(transaction);
  } catch (const Failure&) {
    log_warnings();
    throw;
  }
}

// EST-015: the same bytes to the same operation, whether it waits or is in doubt.
EnrollOutcome Enrollment::ask_again(Transaction& transaction) {
  std::optional<HttpReply> reply;
  try {
    reply = send(transaction);
  } catch (const TransportFailure& failure) {
    // The server's TLS certificate may come from a CA that was not there when it began.
    if (failure.error().code != "tls-untrusted" || !settings_.tls_ca_file.empty()) throw;
    renew_ca_set(transaction);
    reply = send(transaction);
  }
  if (Ended ended = conclude(transaction, *reply)) return std::move(*ended);
  next_step(transaction);
  return climb(std::move(transaction));
}

}  // namespace certctl::est
