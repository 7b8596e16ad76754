// Requests that sscep, strongSwan, scepclient, certmonger and jscep really sent, read as a server reads them.
#include "enrollers/scep/protocol/query.hpp"
#include "framework/crypto/alt_name.hpp"
#include "framework/crypto/cms_enveloped.hpp"
#include "framework/crypto/cms_signed.hpp"
#include "tests/unit/scep/vector.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdio>

using namespace certctl;
using namespace scep_test;

namespace {

scep::ReceivedRequest parse_with_keys(const Vector& vector, const Bytes& message, bool allow_legacy) {
  const crypto::Certificate certificate = vector.certificate("recipient_cert");
  const crypto::Key key = vector.key("recipient_key");
  const scep::DecryptionIdentity identity{&certificate, key.get()};
  return scep::parse_request(message, std::span(&identity, 1), {allow_legacy, {}});
}

bool is_old(const Vector& vector) {
  return vector.needs_legacy() || vector.text("digest_algorithm") == "md5";
}

void compare_header(const Vector& vector, const crypto::SignedMessage& message) {
  CHECK(message.digest_oid() == vector.text("digest_algorithm_oid"));
  CHECK(message.signature_oid() == vector.text("signature_algorithm_oid"));
  CHECK(message.certificates().size() == vector.json["certificates_in_message"].get<std::size_t>());
  CHECK(message.attributes().size() == vector.json["signed_attributes"].size());
  CHECK(to_hex(message.signer().issuer_der) == vector.json["signer_issuer_and_serial"]["issuer_der"]);
  CHECK(serial_hex(message.signer().serial) == vector.json["signer_issuer_and_serial"]["serial"]);
}

void compare_recipients(const Vector& vector, const crypto::EnvelopeInfo& info) {
  CHECK(info.cipher == vector.text("content_encryption_oid"));
  REQUIRE(info.recipients.size() == vector.json["recipients"].size());
  for (std::size_t i = 0; i < info.recipients.size(); ++i) {
    CHECK(info.recipients[i].kind == crypto::RecipientKind::key_transport);
    CHECK(info.recipients[i].key_encryption == vector.json["recipients"][i]["key_encryption_oid"]);
    CHECK(to_hex(info.recipients[i].identity.issuer_der) == vector.json["recipients"][i]["issuer_der"]);
    CHECK(serial_hex(info.recipients[i].identity.serial) == vector.json["recipients"][i]["serial"]);
  }
}

void compare_request(const Vector& vector, const crypto::Csr& csr) {
  const auto& extensions = vector.json["requested_extensions"];
  REQUIRE(csr.extensions().size() == extensions.size());
  for (std::size_t i = 0; i < extensions.size(); ++i) {
    CHECK(csr.extensions()[i].oid == extensions[i]["oid"]);
    CHECK(csr.extensions()[i].critical == extensions[i]["critical"].get<bool>());
    CHECK(to_hex(csr.extensions()[i].value) == extensions[i]["value_der"]);
  }
  const std::vector<AltName> names = csr.alt_names();
  REQUIRE(names.size() == vector.json["sans"].size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto& expected = vector.json["sans"][i];
    const std::string type = expected["type"];
    if (type == "dirName" || type == "otherName") continue;  // compared as DER above
    CHECK(crypto::alt_name_text(names[i]) == type + ":" + expected["value"].get<std::string>());
  }
}

}  // namespace

//
TEST_CASE("every foreign request decodes, and its fields equal the vector's", "[SCEP-094][SCEP-100]") {
  int count = 0;
  for (const Vector& vector : vectors_of("request", "PKIOperation")) {
    INFO(vector.name());
    const Bytes bytes = vector.file("message");
    const crypto::SignedMessage message = crypto::SignedMessage::parse(bytes);
    compare_header(vector, message);
    compare_recipients(vector, crypto::inspect_envelope(message.content()));
    const scep::MessageAttributes attributes = scep::read_attributes(message);
    CHECK(attributes.message_type == vector.text("message_type"));
    CHECK(attributes.transaction_id == vector.text("transaction_id"));
    CHECK(to_hex(attributes.sender_nonce.value_or(Bytes{})) == vector.text("sender_nonce"));
    CHECK_FALSE(attributes.recipient_nonce);
    CHECK_FALSE(attributes.pki_status);
    ++count;
  }
  std::printf("foreign requests decoded: %d\n", count);
  CHECK(count == 51);
}

TEST_CASE("every foreign request verifies with its signer, and fails after one flipped bit") {
  int count = 0;
  for (const Vector& vector : vectors_of("request", "PKIOperation")) {
    INFO(vector.name());
    const Bytes bytes = vector.file("message");
    const crypto::SignedMessage message = crypto::SignedMessage::parse(bytes);
    const std::vector<crypto::Certificate> signer{vector.certificate("signer_cert")};
    CHECK(message.verify(signer) == 0);
    if (vector.has_file("recipient_cert")) {
      const std::vector<crypto::Certificate> stranger{vector.certificate("recipient_cert")};
      if (stranger[0].der() != signer[0].der()) CHECK_THROWS_AS(message.verify(stranger), Failure);
    }

    const auto flipped_fails = [&](const Bytes& part) {
      const auto at = std::search(bytes.begin(), bytes.end(), part.begin(), part.end());
      REQUIRE(at != bytes.end());
      Bytes damaged = bytes;
      damaged[static_cast<std::size_t>(at - bytes.begin()) + part.size() / 2] ^= 0x10U;
      try {
        (void)crypto::SignedMessage::parse(damaged).verify(signer);
        return false;
      } catch (const Failure&) {
        return true;
      }
    };
    // A constructed OCTET STRING is cut into parts: search for the middle of the content.
    const Bytes& content = message.content();
    const auto middle = content.begin() + static_cast<std::ptrdiff_t>(content.size() / 2);
    CHECK(flipped_fails(Bytes(middle, middle + 16)));
    CHECK(flipped_fails(from_hex(vector.text("sender_nonce"))));
    CHECK(flipped_fails(Bytes(bytes.end() - 40, bytes.end() - 24)));  // the signature stands last
    ++count;
  }
  std::printf("foreign requests verified: %d\n", count);
  CHECK(count == 51);
}

//
TEST_CASE("every foreign request opens with the recipient's key, byte for byte", "[SCEP-060][SCEP-065][SCEP-100]") {
  int opened = 0;
  int refused = 0;
  for (const Vector& vector : vectors_of("request", "PKIOperation")) {
    INFO(vector.name());
    const Bytes bytes = vector.file("message");
    if (!vector.has_file("recipient_key")) continue;
    if (is_old(vector)) {
      const scep::ReceivedRequest request = parse_with_keys(vector, bytes, false);
      CHECK(request.problem == scep::FailInfo::bad_alg);
      CHECK(request.attributes.transaction_id == vector.text("transaction_id"));
      CHECK(to_hex(request.attributes.sender_nonce.value_or(Bytes{})) == vector.text("sender_nonce"));
      ++refused;
    }
    const scep::ReceivedRequest request = parse_with_keys(vector, bytes, is_old(vector));
    INFO(request.problem_text);
    CHECK_FALSE(request.problem);
    CHECK(request.content == vector.file("content"));
    ++opened;
  }
  std::printf("foreign requests opened: %d, of these refused by default: %d\n", opened, refused);
  CHECK(opened == 50);
  CHECK(refused >= 9);
}

TEST_CASE("the content of every foreign request decodes", "[SCEP-110][SCEP-118][SCEP-120]") {
  int csrs = 0;
  int names = 0;
  for (const Vector& vector : vectors_of("request", "PKIOperation")) {
    INFO(vector.name());
    if (!vector.has_file("recipient_key")) continue;
    const scep::ReceivedRequest request = parse_with_keys(vector, vector.file("message"), true);
    REQUIRE_FALSE(request.problem);
    REQUIRE(request.signer);
    CHECK(request.signer->der() == vector.certificate("signer_cert").der());
    CHECK(request.signer_self_issued == vector.json["signer"]["self_signed"].get<bool>());
    if (request.csr) {
      CHECK(to_hex(request.csr->subject_der()) == vector.text("subject_der"));
      CHECK(request.csr->challenge_password().value_or(Secret()).reveal() == vector.text("challenge_password"));
      compare_request(vector, *request.csr);
      ++csrs;
    } else if (request.poll) {
      CHECK(to_hex(request.poll->issuer_der) == vector.text("issuer_der"));
      CHECK(to_hex(request.poll->subject_der) == vector.text("subject_der"));
      ++names;
    } else {
      REQUIRE(request.wanted);
      CHECK(to_hex(request.wanted->issuer_der) == vector.text("issuer_der"));
      CHECK(serial_hex(request.wanted->serial) == vector.text("serial"));
      ++names;
    }
  }
  std::printf("contents: %d certification requests, %d names\n", csrs, names);
  CHECK(csrs == 37);
  CHECK(names == 13);
}

TEST_CASE("query strings of foreign clients give back their message", "[SCEP-134]") {
  int count = 0;
  for (const Vector& vector : vectors_of("request", "PKIOperation")) {
    if (!vector.has_file("query")) continue;
    INFO(vector.name());
    const scep::Query query = scep::parse_query(vector.file_text("query"));
    CHECK(scep::same_operation(query.operation, "PKIOperation"));
    REQUIRE(query.message);
    CHECK(scep::decode_message(*query.message) == vector.file("message"));
    ++count;
  }
  std::printf("query strings with messages: %d\n", count);
  CHECK(count == 10);
}

TEST_CASE("query strings of foreign clients for GetCACert and GetCACaps") {
  int count = 0;
  for (const Vector& vector : all_vectors()) {
    if (vector.text("role") != "request" || vector.text("operation") == "PKIOperation") continue;
    INFO(vector.name());
    const scep::Query query = scep::parse_query(vector.file_text("query"));
    CHECK(query.operation == vector.json["expected"]["operation"]);
    const auto& identifier = vector.json["expected"]["ca_identifier"];
    if (identifier.is_null()) {
      CHECK_FALSE(query.identifier);
    } else {
      CHECK(query.identifier == identifier.get<std::string>());
    }
    ++count;
  }
  std::printf("other query strings: %d\n", count);
  CHECK(count == 10);
}

TEST_CASE("a server answers every foreign request so that the requester's key opens it", "[SCEP-017][SCEP-092]") {
  int count = 0;
  for (const Vector& vector : vectors_of("request", "PKIOperation")) {
    if (!vector.has_file("ca_key") || !vector.has_file("requester_key")) continue;
    INFO(vector.name());
    const scep::ReceivedRequest request = parse_with_keys(vector, vector.file("message"), true);
    REQUIRE_FALSE(request.problem);
    const crypto::Certificate ca = vector.certificate("recipient_cert");
    const crypto::Key ca_key = vector.key("recipient_key");
    const std::vector<crypto::Certificate> inside{ca};
    scep::ReplySpec spec;
    spec.transaction_id = *request.attributes.transaction_id;
    spec.recipient_nonce = *request.attributes.sender_nonce;
    spec.signer = &ca;
    spec.signer_key = ca_key.get();
    spec.recipient = &*request.signer;
    spec.content = crypto::build_certificates_only(inside);
    spec.digest = request.digest;
    spec.cipher = request.cipher.value();
    const Bytes bytes = scep::build_reply(spec);
    scep::ReplyExpectation expected;
    expected.transaction_id = vector.text("transaction_id");
    expected.sender_nonce = from_hex(vector.text("sender_nonce"));
    expected.legacy = scep::Legacy::allow;
    expected.signers = inside;
    scep::Reply reply = scep::read_reply(bytes, expected);
    CHECK(reply.status == scep::PkiStatus::success);
    const crypto::Key key = vector.key(vector.has_file("signer_key") ? "signer_key" : "requester_key");
    const scep::ReplyKey opener{&*request.signer, key.get(), {}};
    CHECK(scep::open_reply(reply, opener, scep::Legacy::allow).certificates.size() == 1);
    ++count;
  }
  std::printf("foreign requests answered: %d\n", count);
  CHECK(count == 49);
}
