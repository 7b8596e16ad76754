// What an answer of the server means for the run: issued, pending, rejected, or the next step.
#include "enrollers/est/enrollment.hpp"
#include "enrollers/est/protocol/certificates.hpp"
#include "enrollers/est/protocol/server_key.hpp"
#include "enrollers/est/protocol/words.hpp"
#include "enrollers/est/server.hpp"

#include <algorithm>

namespace certctl::est {
namespace {

constexpr std::size_t kMaxFromReply = 32;  // certificates that are taken from a reply for path building
constexpr int kShortestRsa = 2048;

bool has(const std::vector<crypto::Certificate>& set, const crypto::Certificate& wanted) {
  return std::find(set.begin(), set.end(), wanted) != set.end();
}

// EST-014: by the key, never by the position. A certificate for another key is an answer too: asking again would bring
// the same one for ever, so it goes to the engine, which refuses it and keeps our key.
crypto::Certificate answered_certificate(const std::vector<crypto::Certificate>& certificates,
                                         const std::vector<crypto::Certificate>& ca_set, const crypto::Key& key) {
  for (const crypto::Certificate& one : certificates)
    if (one.carries(key)) return one;
  for (const crypto::Certificate& one : certificates)
    if (!one.is_ca() && !has(ca_set, one)) return one;
  throw Failure("no-certificate", "the server's answer holds CA certificates only, and none for our key",
                "ask the operator of the CA");
}

void check_strength(const crypto::Key& key) {
  const bool fine = key.type() == crypto::PublicKeyType::rsa  ? key.bits() >= kShortestRsa
                    : key.type() == crypto::PublicKeyType::ec ? key.curve().starts_with("P-")
                                                              : false;
  if (!fine)
    throw Failure::never("key-refused", "the server made a key that is not taken: " + key.description(),
                         "RSA of 2048 bits or more, P-256, P-384 and P-521 are");
}

}  // namespace

Enrollment::Ended Enrollment::conclude(Transaction& transaction, const HttpReply& reply) {
  const std::string what = "the request (" + std::string(operation_of(transaction.step)) + ")";
  if (reply.status == 200) return issued(transaction, reply);
  if (reply.status == 202) {
    save(transaction, Checkpoint::awaiting);
    EnrollOutcome outcome = outcome_of(EnrollState::pending, transaction);
    outcome.transaction_id = transaction.id;
    if (reply.retry_after.count() > 0) outcome.poll_after = reply.retry_after;
    return outcome;
  }
  const Error error = error_of(reply, what, access_for(transaction));
  const bool absent = reply.status == 404 || reply.status == 405 || reply.status == 501;
  if (absent && transaction.step == Step::reenroll) memory_.no_reenroll = true;
  const bool not_so = absent || reply.status == 400 || reply.status == 401 || reply.status == 403;
  if (not_so && !transaction.next.empty() && !was_pending_) {
    host_.log(LogLevel::info, error.message);
    return std::nullopt;
  }
  if (error.retry == RetryClass::never) return rejected(transaction, error);
  // The server says in so many words that it did nothing.
  if (reply.status == 429 && !was_in_doubt_) save(transaction, Checkpoint::not_sent);
  throw Failure(error);
}

EnrollOutcome Enrollment::issued(Transaction& transaction, const HttpReply& reply) {
  crypto::Key key = crypto::Key::from_borrowed(request_.key);
  std::vector<crypto::Certificate> certificates;
  Secret server_key;
  try {
    if (transaction.step == Step::server_key) {
      ServerKey made = parse_server_key(reply.content_type, reply.body);
      key = made.key;
      certificates = std::move(made.certificates);
      server_key = key.to_pem_pkcs8();
    } else {
      certificates = parse_certificates(reply.body);
    }
  } catch (const Failure& failure) {
    Error error = error_of(reply, "the request", access_for(transaction));
    error.message += ": " + failure.error().message;
    throw Failure(error);
  }
  // EST-024
  if (transaction.step == Step::server_key) {
    check_strength(key);
    if (std::none_of(certificates.begin(), certificates.end(), [&](const auto& one) { return one.carries(key); }))
      return rejected(transaction, Error{"other-key", "the server sent a key, and no certificate for it",
                                         "ask the operator of the CA", RetryClass::never, std::chrono::seconds{0}});
  }
  const crypto::Certificate certificate = answered_certificate(certificates, transaction.ca_set, key);

  std::vector<crypto::Certificate> set = transaction.ca_set;
  std::size_t added = 0;
  for (const crypto::Certificate& one : certificates) {
    if (one == certificate || has(set, one) || added == kMaxFromReply) continue;
    set.push_back(one);
    ++added;
  }
  complete_ca_set(transaction, certificate, set);
  if (transaction.step == Step::reenroll) memory_.no_reenroll = false;
  EnrollOutcome outcome = outcome_of(EnrollState::issued, transaction);
  outcome.certificate_pem = certificate.to_pem();
  for (const crypto::Certificate& member : set) outcome.ca_set_pem.push_back(member.to_pem());
  for (const crypto::Certificate& anchor : transaction.anchors) outcome.anchors_pem.push_back(anchor.to_pem());
  outcome.self_signed_request = !transaction.presents_current;
  outcome.key_pem = std::move(server_key);
  return outcome;
}

// A CA that came while the request waited: /cacerts has it, the record does not.
void Enrollment::complete_ca_set(Transaction& transaction, const crypto::Certificate& certificate,
                                 std::vector<crypto::Certificate>& candidates) {
  if (trust::chains_to(certificate, candidates, transaction.anchors, std::nullopt)) return;
  try {
    renew_ca_set(transaction);
  } catch (const Failure& failure) {
    warn("the CA certificates cannot be fetched again: " + failure.error().message);
    return;
  }
  for (const crypto::Certificate& one : transaction.ca_set)
    if (!has(candidates, one)) candidates.push_back(one);
}

EnrollOutcome Enrollment::rejected(const Transaction& transaction, Error reason) {
  EnrollOutcome outcome = outcome_of(EnrollState::rejected, transaction);
  outcome.reason = std::move(reason);
  if (was_in_doubt_ && !settings_.user.empty())
    outcome.reason.hint +=
        "; an earlier answer to this request was lost: if the password is good for one use only, it may be used up, "
        "and the CA may already have issued a certificate: ask its operator for a new password";
  return outcome;
}

EnrollOutcome Enrollment::outcome_of(EnrollState state, const Transaction& transaction) {
  EnrollOutcome outcome;
  outcome.state = state;
  outcome.display = "request " + transaction.id + ", " + std::string(operation_of(transaction.step));
  if (transaction.presents_current)
    outcome.display += " with the certificate in service";
  else if (!settings_.user.empty())
    outcome.display += " with a login";
  else if (!settings_.client_certificate.empty())
    outcome.display += " with a client certificate";
  outcome.warnings = std::move(warnings_);
  warnings_.clear();
  if (const std::string text = memory_text(memory_); !text.empty()) outcome.memory = text;
  return outcome;
}

}  // namespace certctl::est
