// What stands in our messages, attribute by attribute: other implementations are strict about it.
#include "enrollers/scep/protocol/reply.hpp"
#include "enrollers/scep/protocol/request.hpp"
#include "framework/crypto/cms_enveloped.hpp"
#include "framework/crypto/cms_signed.hpp"
#include "framework/crypto/der.hpp"
#include "framework/crypto/issue.hpp"
#include "framework/crypto/name.hpp"
#include "framework/crypto/self_signed.hpp"

#include <certctl/result.hpp>

#include <catch2/catch.hpp>

#include <algorithm>

using namespace certctl;
using crypto::SignedMessage;
using scep::FailInfo;
using scep::MessageType;
using scep::PkiStatus;

namespace {

const TimePoint kNow{std::chrono::seconds{1798761600}};

struct Parties {
  crypto::Key ca_key = crypto::Key::generate({});
  crypto::Key client_key = crypto::Key::generate({});
  crypto::Certificate ca = crypto::make_root_ca(ca_key, {{{"CN", "CA", false}},
                                                         kNow - std::chrono::hours(1),
                                                         kNow + std::chrono::hours(1000),
                                                         {},
                                                         crypto::kKeyCertSign | crypto::kKeyEncipherment,
                                                         crypto::Digest::sha256,
                                                         {}});
  crypto::Certificate client =
      crypto::make_self_signed(crypto::name_der({{"CN", "client", false}}), client_key, kNow, std::chrono::hours(100));

  [[nodiscard]] scep::RequestSpec request(MessageType type) const {
    scep::RequestSpec spec;
    spec.type = type;
    spec.transaction_id = scep::fresh_transaction_id();
    spec.sender_nonce = scep::fresh_nonce();
    spec.content = crypto::build_csr({{{"CN", "client", false}}, {}, {}, {}}, client_key, Secret("abc"));
    spec.signer = &client;
    spec.signer_key = client_key.get();
    spec.recipient = &ca;
    return spec;
  }
  [[nodiscard]] scep::ReceivedRequest receive(const Bytes& bytes) const {
    const scep::DecryptionIdentity identity{&ca, ca_key.get()};
    return scep::parse_request(bytes, std::span(&identity, 1), {});
  }
  [[nodiscard]] scep::ReplySpec reply(PkiStatus status) const {
    scep::ReplySpec spec;
    spec.status = status;
    spec.transaction_id = "ABC123";
    spec.recipient_nonce = Bytes(16, 7);
    spec.signer = &ca;
    spec.signer_key = ca_key.get();
    const std::vector<crypto::Certificate> inside{ca};
    spec.content = crypto::build_certificates_only(inside);
    spec.recipient = &client;
    return spec;
  }
};

const Parties& parties() {
  static const Parties made;
  return made;
}

// A string attribute's text, after a look at its type.
std::string printable(const SignedMessage& message, std::string_view oid) {
  const crypto::AttributeValue* value = message.attribute(oid);
  if (value == nullptr) return "absent";
  CHECK(value->identifier == crypto::kTagPrintableString);
  return {value->content.begin(), value->content.end()};
}

Bytes nonce(const SignedMessage& message, std::string_view oid) {
  const crypto::AttributeValue* value = message.attribute(oid);
  if (value == nullptr) return {};
  CHECK(value->identifier == crypto::kTagOctetString);
  return value->content;
}

// The content of the message is typed id-envelopedData, as some old clients had it.
Bytes typed_otherwise(Bytes message) {
  const Bytes data = crypto::der_oid(crypto::kOidCmsData);
  const auto at = std::search(message.begin(), message.end(), data.begin(), data.end());
  REQUIRE(at != message.end());
  at[static_cast<std::ptrdiff_t>(data.size()) - 1] = 3;
  CHECK(SignedMessage::parse(message).content_type() == crypto::kOidCmsEnveloped);
  return message;
}

}  // namespace

//
TEST_CASE("a request says its kind, its transaction and a nonce of its own, and nothing of a reply",
          "[SCEP-080][SCEP-082][SCEP-084][SCEP-091][SCEP-094]") {
  std::vector<Bytes> nonces;
  std::vector<std::string> transactions;
  for (const MessageType type : {MessageType::pkcs_req, MessageType::renewal_req, MessageType::cert_poll,
                                 MessageType::get_cert, MessageType::get_crl}) {
    const SignedMessage message = SignedMessage::parse(scep::build_request(parties().request(type)));
    CHECK(printable(message, scep::kOidMessageType) == std::to_string(static_cast<int>(type)));
    transactions.push_back(printable(message, scep::kOidTransactionId));
    CHECK(crypto::is_printable_string(transactions.back()));
    nonces.push_back(nonce(message, scep::kOidSenderNonce));
    CHECK(nonces.back().size() == 16);
    for (const std::string_view oid : {scep::kOidPkiStatus, scep::kOidFailInfo, scep::kOidRecipientNonce})
      CHECK(message.attribute(oid) == nullptr);
    CHECK(crypto::inspect_envelope(message.content()).recipients.size() == 1);
    for (const std::string_view oid : {scep::kOidContentType, scep::kOidMessageDigest})
      CHECK(message.attribute(oid) != nullptr);
  }
  std::sort(nonces.begin(), nonces.end());
  CHECK(std::unique(nonces.begin(), nonces.end()) == nonces.end());
  std::sort(transactions.begin(), transactions.end());
  CHECK(std::unique(transactions.begin(), transactions.end()) == transactions.end());
}

TEST_CASE("a server refuses a request that lacks its kind, its transaction or its nonce", "[SCEP-080][SCEP-084]") {
  const Parties& p = parties();
  const Bytes envelope =
      crypto::encrypt_envelope(p.request(MessageType::pkcs_req).content, p.ca, crypto::ContentCipher::aes128_cbc);
  const auto problem_of = [&](const scep::MessageAttributes& attributes) {
    crypto::SignOptions options;
    options.attributes = scep::write_attributes(attributes);
    return p.receive(crypto::sign_message(crypto::BytesView(envelope), p.client, p.client_key.get(), options)).problem;
  };
  scep::MessageAttributes whole;
  whole.message_type = "19";
  whole.transaction_id = "ABC123";
  whole.sender_nonce = Bytes(16, 7);
  CHECK_FALSE(problem_of(whole));
  auto without = whole;
  without.message_type.reset();
  CHECK(problem_of(without) == FailInfo::bad_request);
  without = whole;
  without.transaction_id.reset();
  CHECK(problem_of(without) == FailInfo::bad_request);
  without = whole;
  without.sender_nonce.reset();
  CHECK(problem_of(without) == FailInfo::bad_request);
}

TEST_CASE("what is signed and what is encrypted is typed id-data, or refused", "[SCEP-060][SCEP-062][SCEP-065]") {
  const Parties& p = parties();
  const Bytes request = scep::build_request(p.request(MessageType::pkcs_req));
  const SignedMessage message = SignedMessage::parse(request);
  CHECK(message.content_type() == crypto::kOidCmsData);
  CHECK(crypto::inspect_envelope(message.content()).content_type == crypto::kOidCmsData);
  CHECK_FALSE(p.receive(request).problem);
  CHECK(p.receive(typed_otherwise(request)).problem);

  const std::vector<crypto::Certificate> signers{p.ca};
  scep::ReplyExpectation expected;
  expected.transaction_id = "ABC123";
  expected.sender_nonce = Bytes(16, 7);
  expected.signers = signers;
  for (const PkiStatus status : {PkiStatus::success, PkiStatus::failure, PkiStatus::pending}) {
    const Bytes reply = scep::build_reply(p.reply(status));
    CHECK(SignedMessage::parse(reply).content_type() == crypto::kOidCmsData);
    CHECK_NOTHROW(scep::read_reply(reply, expected));
    CHECK_THROWS_AS(scep::read_reply(typed_otherwise(reply), expected), Failure);
  }
}

TEST_CASE("a reply says what it answers and how, and has an envelope only with SUCCESS",
          "[SCEP-061][SCEP-063][SCEP-081][SCEP-086][SCEP-091][SCEP-092][SCEP-115][SCEP-117]") {
  for (const PkiStatus status : {PkiStatus::success, PkiStatus::failure, PkiStatus::pending}) {
    for (const auto no_content : {scep::NoContent::zero_length, scep::NoContent::absent}) {
      scep::ReplySpec spec = parties().reply(status);
      spec.no_content = no_content;
      const SignedMessage message = SignedMessage::parse(scep::build_reply(spec));
      INFO(scep::name_of(status));
      CHECK(printable(message, scep::kOidMessageType) == "3");
      CHECK(printable(message, scep::kOidPkiStatus) == std::to_string(static_cast<int>(status)));
      CHECK(printable(message, scep::kOidTransactionId) == "ABC123");
      CHECK(nonce(message, scep::kOidRecipientNonce) == Bytes(16, 7));
      CHECK(nonce(message, scep::kOidSenderNonce).size() == 16);
      CHECK(nonce(message, scep::kOidSenderNonce) != Bytes(16, 7));
      CHECK((message.attribute(scep::kOidFailInfo) != nullptr) == (status == PkiStatus::failure));
      if (status == PkiStatus::success) {
        CHECK(crypto::inspect_envelope(message.content()).recipients.size() == 1);
      } else {
        CHECK(message.content_state() ==
              (no_content == scep::NoContent::absent ? SignedMessage::Content::absent : SignedMessage::Content::empty));
      }
    }
  }
}

TEST_CASE("a FAILURE gives one of the five reasons", "[SCEP-081][SCEP-088]") {
  for (const FailInfo reason : {FailInfo::bad_alg, FailInfo::bad_message_check, FailInfo::bad_request,
                                FailInfo::bad_time, FailInfo::bad_cert_id}) {
    scep::ReplySpec spec = parties().reply(PkiStatus::failure);
    spec.fail_info = reason;
    const SignedMessage message = SignedMessage::parse(scep::build_reply(spec));
    CHECK(printable(message, scep::kOidFailInfo) == std::to_string(static_cast<int>(reason)));
    CHECK(message.attribute(scep::kOidFailInfoText) == nullptr);
  }
}
