// What an answer of the CA means for the run: issued, pending, rejected, or the next step.
#include "enrollers/scep/enrollment.hpp"
#include "framework/crypto/key.hpp"

#include <algorithm>

namespace certctl::scep {
namespace {

constexpr std::size_t kMaxFromReply = 32;  // certificates that are taken from a reply for path building

// The other rungs make no sense after these: the server says what it wants, or that it wants nothing.
bool asks_for_next_step(const std::optional<FailInfo>& reason) {
  return reason == FailInfo::bad_request || reason == FailInfo::bad_message_check || reason == FailInfo::bad_cert_id;
}

bool has(const std::vector<crypto::Certificate>& set, const crypto::Certificate& wanted) {
  return std::find(set.begin(), set.end(), wanted) != set.end();
}

// The certificate that a verified SUCCESS answers with. One for another key is an answer too: asking again would bring
// the same one for ever, so it goes to the engine, which refuses it and keeps our key.
crypto::Certificate answered_certificate(const std::vector<crypto::Certificate>& certificates,
                                         const Transaction& transaction, evp_pkey_st* key) {
  const bool ours = std::any_of(certificates.begin(), certificates.end(),
                                [&](const crypto::Certificate& candidate) { return candidate.carries(key); });
  if (!ours) {
    for (const crypto::Certificate& candidate : certificates) {
      if (!candidate.is_ca() && !has(transaction.ca_set, candidate)) return candidate;
    }
  }
  return find_issued(certificates, key);
}

}  // namespace

Enrollment::Ended Enrollment::conclude(Transaction& transaction, Answer& answer) {
  Reply& reply = *answer.reply;
  for (std::string& warning : reply.warnings) warn(std::move(warning));
  reply.warnings.clear();
  if (reply.status == PkiStatus::success) return issued(transaction, reply);
  if (reply.status == PkiStatus::pending) {
    transaction.repeat_unanswered = false;
    save(transaction, Checkpoint::awaiting);
    EnrollOutcome outcome = outcome_of(EnrollState::pending, transaction);
    outcome.transaction_id = transaction.id;
    if (answer.http.retry_after.count() > 0) outcome.poll_after = answer.http.retry_after;
    return outcome;
  }
  const bool more_steps = !transaction.next.empty() && asks_for_next_step(reply.fail_info);
  if (more_steps && exchange_.left() > 0) {
    host_.log(LogLevel::info, describe_failure(reply, answer.http.reason));
    return std::nullopt;
  }
  return rejected(transaction, answer, more_steps);
}

EnrollOutcome Enrollment::issued(Transaction& transaction, Reply& reply) {
  ReplyKey key;
  key.certificate = &*transaction.signer;
  key.key = signer_key(transaction);
  if (crypto::Key::from_borrowed(key.key).type() == crypto::PublicKeyType::ec) key.password = challenge();
  crypto::CertificateBag bag = open_reply(reply, key, settings_.legacy);
  for (std::string& warning : reply.warnings) warn(std::move(warning));
  const crypto::Certificate certificate = answered_certificate(bag.certificates, transaction, request_.key);

  // The issuing CA may have come only inside the reply: the engine builds the path from all of them.
  std::vector<crypto::Certificate> set = transaction.ca_set;
  std::size_t added = 0;
  for (const auto* source : {&bag.certificates, &reply.certificates}) {
    for (const crypto::Certificate& candidate : *source) {
      if (candidate == certificate || has(set, candidate) || added == kMaxFromReply) continue;
      set.push_back(candidate);
      ++added;
    }
  }
  if (signs_with_current(transaction.step)) memory_.step = transaction.step;
  EnrollOutcome outcome = outcome_of(EnrollState::issued, transaction);
  outcome.certificate_pem = certificate.to_pem();
  for (const crypto::Certificate& member : set) outcome.ca_set_pem.push_back(member.to_pem());
  for (const crypto::Certificate& anchor : transaction.anchors) outcome.anchors_pem.push_back(anchor.to_pem());
  outcome.self_signed_request = !signs_with_current(transaction.step);
  return outcome;
}

EnrollOutcome Enrollment::rejected(const Transaction& transaction, const Answer& answer, bool more_steps) {
  const Reply& reply = *answer.reply;
  if (more_steps) memory_.step = transaction.next.front();  // the next run begins there
  EnrollOutcome outcome = outcome_of(EnrollState::rejected, transaction);
  outcome.reason.code = "rejected";
  outcome.reason.message = "the CA refused the request: " + describe_failure(reply, answer.http.reason);
  if (reply.fail_info) outcome.reason.hint = std::string(likely_cause_of(*reply.fail_info));
  // SCEP-191
  if (was_in_doubt_ && sends_challenge(transaction.step) && !settings_.challenge.empty())
    outcome.reason.hint +=
        "; an earlier answer to this request was lost: if the challenge is good for one use only, it may be used up, "
        "and the CA may already have "
        "issued a certificate: ask its operator for a new challenge";
  const bool passing =
      more_steps || reply.fail_info == FailInfo::bad_message_check || reply.fail_info == FailInfo::bad_time;
  outcome.reason.retry = passing ? RetryClass::later : RetryClass::never;
  return outcome;
}

EnrollOutcome Enrollment::outcome_of(EnrollState state, const Transaction& transaction) {
  EnrollOutcome outcome;
  outcome.state = state;
  outcome.display = "transaction " + transaction.id + ", " + std::string(name_of(transaction.step));
  if (transaction.step == Step::self_signed && !settings_.challenge.empty()) outcome.display += " with challenge";
  outcome.warnings = std::move(warnings_);
  warnings_.clear();
  if (const std::string text = memory_text(memory_); !text.empty()) outcome.memory = text;
  return outcome;
}

}  // namespace certctl::scep
