// Enrollment: requests of EST.
#include "framework/crypto/digest.hpp"
#include "framework/devca/enrollment.hpp"

namespace certctl::devca {
namespace {

constexpr std::size_t kIdDigits = 32;

Enrollment::SubmissionDecision refuse(Decision decision, std::string text) {
  decision.status = scep::PkiStatus::failure;
  decision.text = std::move(text);
  return {std::move(decision), {}};
}

KeySpec like(const crypto::Key& key) {
  KeySpec spec;
  if (key.type() == crypto::PublicKeyType::ec) {
    spec.type = KeyType::ec;
    spec.curve = key.curve();
  } else {
    spec.bits = key.bits();
  }
  return spec;
}

}  // namespace

// The same bytes with another certificate are another request: a key that is kept gives the same request each year.
std::string Enrollment::transaction_id_of(const Submission& submission) {
  Bytes whole = submission.csr.der();
  if (submission.client) {
    const Bytes client = submission.client->der();
    whole.insert(whole.end(), client.begin(), client.end());
  }
  whole.push_back(submission.renewal ? 1 : submission.server_key ? 2 : 0);
  return crypto::sha256_hex(crypto::BytesView(whole)).substr(0, kIdDigits);
}

Enrollment::SubmissionDecision Enrollment::submit(const Submission& submission) {
  Decision decision;
  decision.signer = !submission.client ? "self-signed" : state_.issued(*submission.client) ? "issued" : "foreign";
  const std::string id = transaction_id_of(submission);
  auto known = state_.transaction(id);
  const bool over = known && known->state == TransactionState::issued &&
                    (!holds(*known) || now_ > crypto::Certificate::from_pem(known->certificate_pem).not_after());
  if (known && !over) {
    decision.replay = true;
    Decision settled = settle(*known, decision);
    return {std::move(settled), known->key_pem};
  }
  if (faults_.hit("refuse")) return refuse(decision, "refused, as ordered by a fault");
  if (submission.csr.subject_der().size() <= 2 && submission.csr.alt_names().empty())
    return refuse(decision, "neither a subject nor an alternative name");
  const crypto::Key key = submission.csr.public_key();
  if (key.type() == crypto::PublicKeyType::rsa && key.bits() < kMinimalRsaBits)
    return refuse(decision, "the key is too short");

  Transaction transaction;
  transaction.transaction_id = id;
  transaction.renewal = submission.renewal;
  transaction.csr = submission.csr.der();
  if (submission.client) transaction.signer_pem = submission.client->to_pem();
  if (submission.server_key) transaction.key_pem = crypto::Key::generate(like(key)).to_pem_pkcs8().reveal();
  transaction.since = now_;
  const bool waits =
      settings_.approval == Approval::manual || (settings_.approval == Approval::first && !submission.renewal);
  transaction.state = waits ? TransactionState::pending : TransactionState::approved;
  state_.save(transaction);
  Decision settled = settle(transaction, decision);
  return {std::move(settled), transaction.key_pem};
}

}  // namespace certctl::devca
