// Replies that OpenXPKI, jscep, scepserver, step-ca and the micromdm library really sent, read as a client reads them.
#include "enrollers/scep/protocol/reply.hpp"
#include "framework/crypto/chain.hpp"
#include "framework/crypto/cms_enveloped.hpp"
#include "tests/unit/scep/vector.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdio>
#include <functional>

using namespace certctl;
using namespace scep_test;

namespace {

struct Expected {
  std::vector<crypto::Certificate> signers;
  scep::ReplyExpectation expectation;
};

// The transaction that the request of this vector began.
Expected expectation_of(const Vector& vector) {
  Expected expected;
  expected.signers.push_back(vector.certificate("signer_cert"));
  expected.expectation.legacy = scep::Legacy::receive;
  if (vector.has_file("request")) {
    const auto request = scep::read_attributes(crypto::SignedMessage::parse(vector.file("request")));
    expected.expectation.transaction_id = request.transaction_id.value_or("");
    expected.expectation.sender_nonce = request.sender_nonce.value_or(Bytes{});
  } else {  // a published sample without its request
    expected.expectation.transaction_id = vector.text("transaction_id");
    expected.expectation.sender_nonce = from_hex(vector.text("recipient_nonce"));
  }
  return expected;
}

scep::Reply read(const Vector& vector, const Bytes& bytes, Expected& expected) {
  (void)vector;
  expected.expectation.signers = expected.signers;
  return scep::read_reply(bytes, expected.expectation);
}

std::string code_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const Failure& failure) {
    return failure.error().code;
  }
  return "";
}

std::vector<Vector> messages() {
  std::vector<Vector> vectors = vectors_of("reply", "PKIOperation");
  std::erase_if(vectors, [](const Vector& vector) { return !vector.json["expected"]["pki_message"].get<bool>(); });
  return vectors;
}

}  // namespace

//
TEST_CASE("every foreign reply decodes and verifies, and its fields equal the vector's", "[SCEP-064]") {
  int success = 0;
  int failure = 0;
  int pending = 0;
  for (const Vector& vector : messages()) {
    INFO(vector.name());
    const Bytes bytes = vector.file("message");
    CHECK(scep::looks_like_message(bytes));
    const crypto::SignedMessage message = crypto::SignedMessage::parse(bytes);
    CHECK(message.digest_oid() == vector.text("digest_algorithm_oid"));
    CHECK(message.signature_oid() == vector.text("signature_algorithm_oid"));
    CHECK(message.certificates().size() == vector.json["certificates_in_message"].get<std::size_t>());
    CHECK(message.attributes().size() == vector.json["signed_attributes"].size());
    const auto state = message.content_state();
    CHECK(vector.text("content") == (state == crypto::SignedMessage::Content::absent  ? "absent"
                                     : state == crypto::SignedMessage::Content::empty ? "empty"
                                                                                      : "present"));
    const scep::MessageAttributes attributes = scep::read_attributes(message);
    CHECK(attributes.message_type == "3");
    CHECK(attributes.pki_status == vector.text("pki_status"));
    CHECK(attributes.fail_info.value_or("") == vector.text("fail_info"));
    CHECK(attributes.fail_info_text.value_or("") == vector.text("fail_info_text"));
    CHECK(attributes.transaction_id == vector.text("transaction_id"));
    CHECK(to_hex(attributes.sender_nonce.value_or(Bytes{})) == vector.text("sender_nonce"));
    CHECK(to_hex(attributes.recipient_nonce.value_or(Bytes{})) == vector.text("recipient_nonce"));

    Expected expected = expectation_of(vector);
    const scep::Reply reply = read(vector, bytes, expected);
    CHECK(reply.signer->der() == expected.signers[0].der());
    if (vector.has_file("ca_cert")) {  // the published sample has none
      std::vector<crypto::Certificate> set{vector.certificate("ca_cert")};
      if (vector.has_file("root_cert")) set.push_back(vector.certificate("root_cert"));
      const std::vector<crypto::Certificate> anchor{set.back()};
      CHECK_NOTHROW(crypto::build_path(*reply.signer, set, anchor, vector.valid_at()));
      CHECK_THROWS_AS(
          crypto::build_path(*reply.signer, set, anchor, vector.valid_at() + std::chrono::hours(24 * 365 * 50)),
          Failure);
      if (reply.status == scep::PkiStatus::success && vector.has_file("issued_cert"))
        CHECK_NOTHROW(crypto::build_path(vector.certificate("issued_cert"), set, anchor, vector.valid_at()));
    }
    CHECK(std::string(scep::name_of(reply.status)) == vector.text("pki_status_name"));
    if (reply.status == scep::PkiStatus::failure) {
      REQUIRE(reply.fail_info);
      CHECK(std::string(scep::name_of(*reply.fail_info)) == vector.text("fail_info_name"));
      const std::string shown = scep::describe_failure(
          reply, vector.json["http"].contains("reason") ? vector.json["http"]["reason"].get<std::string>() : "");
      CHECK(shown.find(vector.text("fail_info_name")) != std::string::npos);
      if (vector.json["http"].contains("reason"))
        CHECK(shown.find(vector.json["http"]["reason"].get<std::string>()) != std::string::npos);
      ++failure;
    }
    success += reply.status == scep::PkiStatus::success ? 1 : 0;
    pending += reply.status == scep::PkiStatus::pending ? 1 : 0;
    if (vector.text("digest_algorithm") == "sha1") CHECK_FALSE(reply.warnings.empty());
  }
  std::printf("foreign replies: %d SUCCESS, %d FAILURE, %d PENDING\n", success, failure, pending);
  CHECK(success == 46);
  CHECK(failure == 20);
  CHECK(pending == 6);
}

TEST_CASE("a foreign reply to another transaction, with another nonce, or by another signer is refused", "[SCEP-093]") {
  int count = 0;
  for (const Vector& vector : messages()) {
    INFO(vector.name());
    const Bytes bytes = vector.file("message");
    Expected other_id = expectation_of(vector);
    other_id.expectation.transaction_id += "0";
    CHECK(code_of([&] { read(vector, bytes, other_id); }) == "wrong-transaction");
    Expected other_nonce = expectation_of(vector);
    other_nonce.expectation.sender_nonce.back() ^= 1U;
    CHECK(code_of([&] { read(vector, bytes, other_nonce); }) == "wrong-nonce");
    other_nonce.expectation.ignore_nonce = true;
    CHECK_NOTHROW(read(vector, bytes, other_nonce));
    Expected nobody = expectation_of(vector);
    nobody.signers.clear();
    CHECK(code_of([&] { read(vector, bytes, nobody); }) == "signer-unknown");
    Expected denied = expectation_of(vector);
    denied.expectation.legacy = scep::Legacy::deny;
    CHECK(code_of([&] { read(vector, bytes, denied); }) ==
          (vector.text("digest_algorithm") == "sha1" ? "algorithm-refused" : ""));
    ++count;
  }
  CHECK(count == 72);
}

// H44
TEST_CASE("every foreign reply fails after one flipped bit in content, attributes or signature") {
  int count = 0;
  for (const Vector& vector : messages()) {
    INFO(vector.name());
    const Bytes bytes = vector.file("message");
    const crypto::SignedMessage message = crypto::SignedMessage::parse(bytes);
    const std::vector<crypto::Certificate> signer{vector.certificate("signer_cert")};
    const auto flipped_fails = [&](const Bytes& part) {
      const auto at = std::find_end(bytes.begin(), bytes.end(), part.begin(), part.end());
      REQUIRE(at != bytes.end());
      Bytes damaged = bytes;
      damaged[static_cast<std::size_t>(at - bytes.begin()) + part.size() / 2] ^= 0x10U;
      return !code_of([&] { (void)crypto::SignedMessage::parse(damaged).verify(signer); }).empty();
    };
    if (message.content_state() == crypto::SignedMessage::Content::present && message.content().size() > 64) {
      const auto middle = message.content().begin() + static_cast<std::ptrdiff_t>(message.content().size() / 2);
      CHECK(flipped_fails(Bytes(middle, middle + 16)));
    }
    CHECK(flipped_fails(from_hex(vector.text("recipient_nonce"))));
    CHECK(flipped_fails(Bytes(bytes.end() - 40, bytes.end() - 24)));
    ++count;
  }
  CHECK(count == 72);
}

TEST_CASE("every foreign SUCCESS opens with the requester's key and holds what the vector says",
          "[SCEP-017][SCEP-066][SCEP-067]") {
  const crypto::Key stranger = crypto::Key::generate({});
  int opened = 0;
  int refused = 0;
  int named = 0;
  for (const Vector& vector : messages()) {
    if (vector.text("pki_status") != "0" || !vector.has_file("requester_key")) continue;
    INFO(vector.name());
    Expected expected = expectation_of(vector);
    scep::Reply reply = read(vector, vector.file("message"), expected);
    const crypto::Certificate certificate = vector.certificate("requester_cert");
    const crypto::Key key = vector.key("requester_key");
    const scep::ReplyKey opener{&certificate, key.get(), {}};

    const crypto::EnvelopeInfo info = crypto::inspect_envelope(reply.envelope);
    CHECK(info.cipher == vector.text("content_encryption_oid"));
    CHECK(info.recipients.size() == vector.json["recipients"].size());
    const std::string cipher = vector.text("content_encryption_name");
    if (cipher.find("gcm") != std::string::npos) {
      try {
        scep::open_reply(reply, opener, scep::Legacy::allow);
        FAIL("AES-GCM was opened");
      } catch (const Failure& failure) {
        CHECK(failure.error().code == "algorithm-refused");
        CHECK(failure.error().message.find("GCM") != std::string::npos);
      }
      ++named;
      continue;
    }
    if (vector.needs_legacy()) {
      CHECK(code_of([&] { crypto::decrypt_envelope(reply.envelope, certificate, key.get(), {}); }) ==
            "algorithm-refused");
      CHECK(code_of([&] { scep::open_reply(reply, opener, scep::Legacy::deny); }) == "algorithm-refused");
      ++refused;
    }
    CHECK(crypto::decrypt_envelope(reply.envelope, certificate, key.get(), {vector.needs_legacy()}) ==
          vector.file("content"));
    const crypto::CertificateBag bag = scep::open_reply(reply, opener, scep::Legacy::receive);
    CHECK(bag.certificates.size() == vector.json["content_certificates"].size());
    CHECK(bag.crls.size() == vector.json["content_crls"].get<std::size_t>());
    CHECK(bag.signers == 0);
    if (vector.has_file("crl")) CHECK(bag.crls.at(0) == vector.file("crl"));
    if (vector.has_file("issued_cert") && vector.has_file("csr_key")) {
      const crypto::Key ours = vector.key("csr_key");
      CHECK(scep::find_issued(bag.certificates, ours.get()).der() == vector.certificate("issued_cert").der());
      CHECK(code_of([&] { scep::find_issued(bag.certificates, stranger.get()); }) == "wrong-key");
    }
    ++opened;
  }
  std::printf("foreign SUCCESS opened: %d, of these in legacy ciphers: %d, AES-GCM named: %d\n", opened, refused,
              named);
  CHECK(opened + named == 45);
  CHECK(refused == 13);
  CHECK(named == 2);
}

TEST_CASE("plain HTTP errors are no messages") {
  int count = 0;
  for (const Vector& vector : all_vectors()) {
    if (vector.text("role") != "reply" || vector.json["expected"].value("pki_message", true)) continue;
    INFO(vector.name());
    CHECK_FALSE(scep::looks_like_message(vector.file("message")));
    ++count;
  }
  std::printf("plain HTTP errors: %d\n", count);
  CHECK(count == 10);
}
