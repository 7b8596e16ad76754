#include "framework/devca/enrollment.hpp"

#include "framework/crypto/digest.hpp"
#include "framework/sys/atomic_file.hpp"

#include <algorithm>
#include <array>

namespace certctl::devca {
namespace {

constexpr std::size_t kMaxChallenges = 1U << 20U;

Decision refuse(Decision decision, scep::FailInfo reason, std::string text) {
  decision.status = scep::PkiStatus::failure;
  decision.fail_info = reason;
  decision.text = std::move(text);
  return decision;
}

std::vector<std::string> lines_of(const std::string& file) {
  std::vector<std::string> lines;
  if (file.empty()) return lines;
  const std::string text = sys::read_file(file, kMaxChallenges);
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (end > begin) lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

bool is_one_of(const std::vector<std::string>& challenges, const std::string& given) {
  bool found = false;
  for (const std::string& one : challenges)
    if (crypto::constant_time_equal(std::string_view(one), std::string_view(given))) found = true;
  return found;
}

constexpr std::array<std::string_view, 8> kBehaviourFaults = {
    "drop-success", "late-500", "late-502", "pending-forever", "refuse", "refuse-17", "no-17", "http-400"};

}  // namespace

std::span<const std::string_view> behaviour_faults() {
  return kBehaviourFaults;
}

// SCEP-023, SCEP-172
Enrollment::Signer Enrollment::judge_signer(const scep::ReceivedRequest& request) const {
  const crypto::Certificate& signer = *request.signer;
  const auto known = state_.issued(signer);
  if (!known) {
    // Only its key has been proved so far; the rest of it names the one who gets the reply.
    if (signer.is_self_issued())
      return {"self-signed", false,
              signer.signed_by(signer) ? "" : "the self-signed certificate is not signed by itself"};
    return {"foreign", false, "the certificate that signed the request is not from this CA"};
  }
  Signer result{"issued", false, {}};
  if (known->revoked)
    result.problem = "the certificate that signed the request is revoked";
  else if (now_ > signer.not_after())
    result.problem = "the certificate that signed the request has expired";
  else if (now_ < signer.not_before())
    result.problem = "the certificate that signed the request is not valid yet";
  else if (signer.subject_der() != request.csr->subject_der())
    result.problem = "a renewal has to ask for the subject of the certificate that signs it";
  result.may_renew = result.problem.empty();
  return result;
}

std::optional<std::string> Enrollment::judge_challenge(const scep::ReceivedRequest& request, bool renewal,
                                                       const std::string& transaction_id, Decision& decision) const {
  const auto& given = request.csr->challenge_password();
  // SCEP-020, SCEP-022
  const bool required = settings_.wants_challenge() && (!renewal || settings_.renewal_challenge_required);
  if (!given || given->empty()) {
    decision.challenge_word = "absent";
    if (required) return "a challenge password is required";
    return std::nullopt;
  }
  decision.challenge = *given;
  if (!settings_.wants_challenge()) {
    decision.challenge_word = "right";  // anything is
    return std::nullopt;
  }
  decision.challenge_word = judge_password(given->reveal(), transaction_id);
  if (decision.challenge_word == "used") return "the challenge password has been used already";
  if (decision.challenge_word == "wrong") return "the challenge password is wrong";
  return std::nullopt;
}

// SCEP-019, SCEP-202
std::string Enrollment::judge_password(const std::string& text, const std::string& transaction_id) const {
  if (is_one_of(settings_.challenges, text) || is_one_of(lines_of(settings_.challenge_file), text)) return "right";
  if (!is_one_of(lines_of(settings_.one_time_file), text)) return "wrong";
  if (!state_.may_use(text, transaction_id)) return "used";
  state_.mark_used(text, transaction_id);
  return "right";
}

std::vector<std::string> Enrollment::passwords() const {
  std::vector<std::string> all = settings_.challenges;
  for (const std::string& file : {settings_.challenge_file, settings_.one_time_file})
    for (std::string& line : lines_of(file)) all.push_back(std::move(line));
  return all;
}

// The certificate of this transaction is worth sending again.
bool Enrollment::holds(const Transaction& transaction) const {
  if (transaction.state != TransactionState::issued) return false;
  const auto known = state_.issued(crypto::Certificate::from_pem(transaction.certificate_pem));
  return known && !known->revoked;
}

Decision Enrollment::request(const scep::ReceivedRequest& request) {
  if (settings_.like == Likeness::openxpki) return request_like_openxpki(request);
  Decision decision;
  const std::string transaction_id = request.attributes.transaction_id.value_or("");
  const Signer signer = judge_signer(request);
  decision.signer = signer.word;
  if (request.csr->challenge_password() && !request.csr->challenge_password()->empty())
    decision.challenge_word = "unchecked";
  if (transaction_id.empty()) return refuse(decision, scep::FailInfo::bad_request, "there is no transaction ID");

  // The same transaction with the same request is the same request, whose answer may have been lost (RFC 8894 §5.2).
  // Clients whose transaction ID is a hash of the key come back with it for another request when the first is over.
  if (auto known = state_.transaction(transaction_id)) {
    const bool waits = known->state == TransactionState::pending || known->state == TransactionState::approved;
    const crypto::Certificate asked = crypto::Certificate::from_pem(known->signer_pem);
    // Once it is over, another signer makes another request: a renewal with the same key and the same PKCS #10. But one
    // self-signed certificate is as good as the next: clients that are started again make a new one (strongSwan).
    const bool same_key = asked.public_key().same_public_key(request.signer->public_key());
    const bool same =
        known->csr == request.csr->der() && known->message_type == *request.type &&
        (asked == *request.signer ||
         (same_key && (waits || (signer.word == "self-signed" && asked.is_self_issued() && holds(*known)))));
    const bool expired = known->state == TransactionState::issued &&
                         now_ > crypto::Certificate::from_pem(known->certificate_pem).not_after();
    if (same && !expired) {
      // SCEP-191, SCEP-193
      decision.replay = true;
      if (request.csr->challenge_password()) decision.challenge = *request.csr->challenge_password();
      return settle(*known, decision);
    }
    if (waits)
      return refuse(decision, scep::FailInfo::bad_request, "this transaction ID belongs to another request that waits");
  }

  if (faults_.hit("refuse")) return refuse(decision, scep::FailInfo::bad_request, "refused, as ordered by a fault");
  const bool says_renewal = request.type == scep::MessageType::renewal_req;
  if (says_renewal && faults_.hit("refuse-17"))
    return refuse(decision, scep::FailInfo::bad_request, "RenewalReq is refused, as ordered by a fault");
  // A RenewalReq proves nothing by itself; neither does a certificate of somebody else.
  if (says_renewal && signer.word == "self-signed")
    return refuse(decision, scep::FailInfo::bad_request, "a renewal has to be signed with a certificate of this CA");
  if (!signer.problem.empty()) return refuse(decision, scep::FailInfo::bad_cert_id, signer.problem);

  if (request.csr->subject_der().size() <= 2 && request.csr->alt_names().empty())
    return refuse(decision, scep::FailInfo::bad_request, "neither a subject nor an alternative name");
  const crypto::Key key = request.csr->public_key();
  if (key.type() == crypto::PublicKeyType::rsa && key.bits() < kMinimalRsaBits)
    return refuse(decision, scep::FailInfo::bad_alg, "the key is too short");

  const bool renewal = signer.may_renew;
  if (const auto problem = judge_challenge(request, renewal, transaction_id, decision))
    return refuse(decision, scep::FailInfo::bad_request, *problem);
  // Before anything is issued: a reply that nobody can read would lose it.
  if (!scep::can_answer(*request.signer, decision.challenge))
    return refuse(
        decision, scep::FailInfo::bad_alg,
        "the key of the signer cannot decrypt a reply, and there is no challenge password to encrypt it with");

  Transaction transaction;
  transaction.transaction_id = transaction_id;
  transaction.message_type = *request.type;
  transaction.renewal = renewal;
  transaction.csr = request.csr->der();
  transaction.signer_pem = request.signer->to_pem();
  // SCEP-103
  if (!scep::can_answer(*request.signer, Secret())) transaction.challenge = decision.challenge.reveal();
  transaction.since = now_;
  // SCEP-024, SCEP-173
  const bool waits = settings_.approval == Approval::manual || (settings_.approval == Approval::first && !renewal);
  transaction.state = waits ? TransactionState::pending : TransactionState::approved;
  state_.save(transaction);
  return settle(transaction, decision);
}

Decision Enrollment::poll(const scep::ReceivedRequest& request) {
  Decision decision;
  decision.signer = state_.issued(*request.signer)     ? "issued"
                    : request.signer->is_self_issued() ? "self-signed"
                                                       : "foreign";
  // SCEP-119, SCEP-176
  auto known = state_.transaction(request.attributes.transaction_id.value_or(""));
  if (!known) return refuse(decision, scep::FailInfo::bad_cert_id, "there is no request with this transaction ID");
  // The reply is encrypted to whoever polls: it has to be the one who asked.
  const crypto::Certificate asked = crypto::Certificate::from_pem(known->signer_pem);
  if (!request.signer->public_key().same_public_key(asked.public_key()))
    return refuse(decision, scep::FailInfo::bad_message_check, "the poll is signed with another key than the request");
  decision.challenge = Secret(known->challenge);
  return settle(*known, decision);
}

// SCEP-178: the same for requests and polls. SCEP-003: somebody may have denied it.
Decision Enrollment::settle(Transaction& transaction, Decision decision) {
  if (faults_.hit("pending-forever")) {
    decision.status = scep::PkiStatus::pending;
    return decision;
  }
  switch (transaction.state) {
    case TransactionState::pending: decision.status = scep::PkiStatus::pending; return decision;
    case TransactionState::denied:
      return refuse(decision, scep::FailInfo::bad_request,
                    transaction.reason.empty() ? "the request was denied" : transaction.reason);
    case TransactionState::approved:
      transaction.certificate_pem = issue(transaction).to_pem();
      transaction.state = TransactionState::issued;
      state_.save(transaction);
      if (transaction.renewal && settings_.renewal_revokes)
        state_.revoke(crypto::Certificate::from_pem(transaction.signer_pem), now_);
      break;
    case TransactionState::issued: break;
  }
  decision.status = scep::PkiStatus::success;
  decision.issued = crypto::Certificate::from_pem(transaction.certificate_pem);
  return decision;
}

}  // namespace certctl::devca
