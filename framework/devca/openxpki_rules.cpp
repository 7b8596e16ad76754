// Enrollment::request_like_openxpki: what OpenXPKI's sample endpoint "generic" decides, in the order in which it asks.
#include "framework/devca/enrollment.hpp"
#include "framework/devca/openxpki.hpp"

namespace certctl::devca {
namespace {

constexpr int kShortestRsa = 2048;
constexpr int kLongestRsa = 4096;

Decision refused(Decision decision, scep::FailInfo reason, std::string phrase) {
  decision.status = scep::PkiStatus::failure;
  decision.fail_info = reason;
  decision.http_reason = std::move(phrase);
  decision.text = decision.http_reason;  // for the log; a reply has no failInfoText
  return decision;
}

Decision rejected(Decision decision, std::string_view tag) {
  return refused(std::move(decision), scep::FailInfo::bad_request,
                 "Request was rejected: I18N_OPENXPKI_UI_ENROLLMENT_ERROR_" + std::string(tag));
}

bool key_is_allowed(const crypto::Key& key) {
  if (key.type() == crypto::PublicKeyType::ec) return true;
  return key.type() == crypto::PublicKeyType::rsa && key.bits() >= kShortestRsa && key.bits() <= kLongestRsa;
}

}  // namespace

bool Enrollment::is_early(const crypto::Certificate& old) const {
  return settings_.like == Likeness::openxpki && old.not_after() - now_ > settings_.renewal_window;
}

Decision Enrollment::request_like_openxpki(const scep::ReceivedRequest& request) {
  Decision decision;
  const std::string transaction_id = request.attributes.transaction_id.value_or("");
  const Signer signer = judge_signer(request);
  decision.signer = signer.word;
  if (request.csr->challenge_password() && !request.csr->challenge_password()->empty())
    decision.challenge_word = "unchecked";
  if (!openxpki::is_transaction_id(transaction_id))
    return refused(decision, scep::FailInfo::bad_request,
                   "Missing or invalid parameters: I18N_OPENXPKI_UI_VALIDATOR_FIELD_TYPE_INVALID");
  // Taken for a poll of something that is not there, although `Renewal` is announced.
  if (request.type == scep::MessageType::renewal_req)
    return refused(decision, scep::FailInfo::bad_cert_id, "No result for given pickup parameters");
  // The transaction ID is the key: the request that comes with it is not looked at.
  if (auto known = state_.transaction(transaction_id)) {
    decision.replay = true;
    return settle(*known, decision);
  }

  if (faults_.hit("refuse")) return rejected(decision, "REJECTED");
  if (!key_is_allowed(request.csr->public_key())) return rejected(decision, "POLICY_INVALID_KEY_PARAM");
  if (openxpki::rewritten_subject(request.csr->subject()).empty()) return rejected(decision, "SUBJECT_INVALID");
  // Signed with the very key that is to be certified: a first request, whoever else signed it before.
  const bool first =
      signer.word == "self-signed" || request.signer->public_key().same_public_key(request.csr->public_key());
  if (!first && !signer.may_renew) return rejected(decision, "SIGNER_NOT_AUTHORIZED");
  if (!first && is_early(*request.signer) && !settings_.early_renewal_replaces)
    return rejected(decision, "NOT_IN_RENEWAL_WINDOW");
  // A wrong challenge is no refusal: somebody may still say yes.
  const bool waits = judge_challenge(request, !first, transaction_id, decision).has_value() ||
                     settings_.approval == Approval::manual || (settings_.approval == Approval::first && first);

  Transaction transaction;
  transaction.transaction_id = transaction_id;
  transaction.message_type = *request.type;
  transaction.renewal = !first;
  transaction.csr = request.csr->der();
  transaction.signer_pem = request.signer->to_pem();
  transaction.since = now_;
  transaction.state = waits ? TransactionState::pending : TransactionState::approved;
  state_.save(transaction);
  return settle(transaction, decision);
}

void Enrollment::shape_like_openxpki(const Transaction& transaction, const crypto::Csr& csr,
                                     crypto::IssueSpec& spec) const {
  spec.subject_der = openxpki::rewritten_subject(csr.subject());
  if (!transaction.renewal) return;
  const crypto::Certificate old = crypto::Certificate::from_pem(transaction.signer_pem);
  if (!is_early(old)) return;
  spec.not_after = old.not_after();
  spec.alt_names = old.alt_names();
}

// One active certificate a subject, unless it is renewed.
void Enrollment::revoke_others(const crypto::Certificate& issued) const {
  for (const Issued& one : state_.all_issued()) {
    const crypto::Certificate other = crypto::Certificate::from_pem(one.pem);
    if (!one.revoked && !(other == issued) && other.subject_der() == issued.subject_der()) state_.revoke(other, now_);
  }
}

}  // namespace certctl::devca
