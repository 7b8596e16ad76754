#include "enrollers/scep/exchange.hpp"

#include "enrollers/scep/protocol/query.hpp"

namespace certctl::scep {
namespace {

constexpr std::size_t kLongGet = 2048;  // what IIS and old proxies take

// The same failure, with what it means for somebody who waits for a certificate.
[[noreturn]] void not_trusted(const Failure& failure) {
  Error error = failure.error();
  if (error.code == "signer-unknown") {
    error.message = "the reply is signed by none of the certificates that the pinned CA vouches for";
    error.hint = "somebody may be answering in the CA's place; `certctl ca show` lists what the server presents";
  } else if (error.code == "signature-invalid" || error.code == "malformed-message" ||
             error.code == "certificate-unreadable") {
    error.retry = RetryClass::later;  // who is in the way today may be gone tomorrow
    error.message = "the reply of the CA cannot be used: " + error.message;
    if (error.hint.empty()) error.hint = "something between here and the CA may damage or forge replies";
  }
  throw Failure(std::move(error));
}

}  // namespace

// SCEP-130, SCEP-170
HttpReply Exchange::deliver(const Bytes& message, bool post) {
  if (post) return transport_.post(url_with_query(settings_.url, "operation=PKIOperation"), message);
  const std::string url = url_with_query(settings_.url, message_query(message));
  // SCEP-135
  if (url.size() > kLongGet)
    host_.log(LogLevel::warning, "the request is sent in a URL of " + std::to_string(url.size()) +
                                     " characters, which some servers cut off; if it gets lost, set `http: post`");
  return transport_.get(url);
}

Answer Exchange::send(MessageType type, const Bytes& content, const Transaction& transaction, evp_pkey_st* signer_key,
                      const Secret& challenge) {
  if (left_ == 0)
    throw Failure("too-many-messages", "four messages were sent to the CA in this run; the next run goes on");
  RequestSpec spec;
  spec.type = type;
  spec.transaction_id = transaction.id;
  // SCEP-091
  spec.sender_nonce = fresh_nonce();
  spec.content = content;
  spec.signer = &*transaction.signer;
  spec.signer_key = signer_key;
  spec.recipient = &*transaction.recipient;
  spec.password = challenge;
  spec.cipher = transaction.cipher;
  spec.key_transport = settings_.key_transport;
  spec.digest = transaction.digest;
  // signingTime is optional. Some servers refuse one outside of the signer's validity, as a clock that is a few seconds
  // behind the CA's gives it right after the last certificate.
  const TimePoint now = host_.now();
  if (host_.clock_trusted() && transaction.signer->not_before() <= now && now <= transaction.signer->not_after())
    spec.signing_time = now;
  const Bytes message = build_request(spec);
  --left_;
  Answer answer;
  answer.http = deliver(message, transaction.post);
  if (!looks_like_message(answer.http.body)) return answer;

  std::vector<crypto::Certificate> signers = transaction.ca_set;
  signers.push_back(*transaction.recipient);  // whom the request was encrypted to may answer (it chains to the pin)
  ReplyExpectation expected;
  expected.transaction_id = transaction.id;
  expected.sender_nonce = spec.sender_nonce;
  expected.ignore_nonce = settings_.ignore_nonce;
  expected.legacy = settings_.legacy;
  expected.signers = signers;
  try {
    try {
      answer.reply = read_reply(answer.http.body, expected);
    } catch (const Failure& failure) {
      if (failure.error().code != "signer-unknown" || !refresh_) throw;
      const std::vector<crypto::Certificate> fresh = refresh_();
      signers.insert(signers.end(), fresh.begin(), fresh.end());
      expected.signers = signers;
      answer.reply = read_reply(answer.http.body, expected);
    }
  } catch (const TransportFailure&) {
    throw Failure(
        "signer-unknown",
        "the reply is signed by a certificate that is not known, and the CA's certificates cannot be fetched");
  } catch (const Failure& failure) {
    not_trusted(failure);
  }
  return answer;
}

}  // namespace certctl::scep
