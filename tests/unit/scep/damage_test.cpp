// Every foreign message cut off and changed: a result or an error, never a signal, and never another result.
#include "enrollers/scep/protocol/ca_certificates.hpp"
#include "enrollers/scep/protocol/reply.hpp"
#include "tests/unit/scep/vector.hpp"

#include <catch2/catch.hpp>

#include <cstdio>
#include <functional>

using namespace certctl;
using namespace scep_test;

namespace {

bool fails(const std::function<void()>& body) {
  try {
    body();
  } catch (const Failure&) {
    return true;
  }
  return false;
}

Bytes changed(const Bytes& bytes, std::size_t at) {
  Bytes damaged = bytes;
  damaged[at] = static_cast<std::uint8_t>(damaged[at] ^ (1U << (at % 8)));
  return damaged;
}

// A reply, with what a reader needs for it.
struct Case {
  Bytes bytes;
  std::vector<crypto::Certificate> signers;
  scep::ReplyExpectation expected;
};

std::vector<Case> replies() {
  std::vector<Case> cases;
  for (const Vector& vector : vectors_of("reply", "PKIOperation")) {
    if (!vector.json["expected"]["pki_message"].get<bool>()) continue;
    Case one;
    one.bytes = vector.file("message");
    one.signers = {vector.certificate("signer_cert")};
    one.expected.transaction_id = vector.text("transaction_id");
    one.expected.sender_nonce = from_hex(vector.text("recipient_nonce"));
    cases.push_back(std::move(one));
  }
  return cases;
}

void damage_replies(std::size_t step) {
  long prefixes = 0;
  long changes = 0;
  long accepted = 0;
  std::size_t start = 0;
  for (Case& one : replies()) {
    one.expected.signers = one.signers;
    const scep::Reply whole = scep::read_reply(one.bytes, one.expected);
    start = (start + 1) % step;  // each message at other places
    for (std::size_t size = start; size < one.bytes.size(); size += step) {
      const crypto::BytesView prefix(one.bytes.data(), size);
      REQUIRE_FALSE(scep::looks_like_message(prefix));
      REQUIRE(fails([&] { scep::read_reply(prefix, one.expected); }));
      ++prefixes;
    }
    for (std::size_t at = start; at < one.bytes.size(); at += step) {
      ++changes;
      try {
        const scep::Reply reply = scep::read_reply(changed(one.bytes, at), one.expected);
        ++accepted;
        REQUIRE(reply.status == whole.status);
        REQUIRE(reply.envelope == whole.envelope);
        REQUIRE(reply.fail_info == whole.fail_info);
        REQUIRE(reply.fail_info_text == whole.fail_info_text);
      } catch (const Failure&) {
        continue;
      }
    }
  }
  // A change outside of what is signed (a certificate beside the message, an algorithm parameter) may pass, but not one
  // in what the reader goes by.
  std::printf("replies: %ld prefixes, %ld changed bytes, of these still verified: %ld\n", prefixes, changes, accepted);
  CHECK(accepted * 2 < changes);
}

void damage_requests(std::size_t step) {
  long prefixes = 0;
  long changes = 0;
  long accepted = 0;
  std::size_t start = 0;
  for (const Vector& vector : vectors_of("request", "PKIOperation")) {
    if (!vector.has_file("recipient_key")) continue;
    const Bytes bytes = vector.file("message");
    const crypto::Certificate certificate = vector.certificate("recipient_cert");
    const crypto::Key key = vector.key("recipient_key");
    const scep::DecryptionIdentity identity{&certificate, key.get()};
    const scep::ReceivePolicy policy{true, {}};
    const scep::ReceivedRequest whole = scep::parse_request(bytes, std::span(&identity, 1), policy);
    start = (start + 1) % step;
    for (std::size_t size = start; size < bytes.size(); size += step) {
      REQUIRE(fails([&] { scep::parse_request({bytes.data(), size}, std::span(&identity, 1), policy); }));
      ++prefixes;
    }
    for (std::size_t at = start; at < bytes.size(); at += step) {
      ++changes;
      try {
        const scep::ReceivedRequest request = scep::parse_request(changed(bytes, at), std::span(&identity, 1), policy);
        if (request.problem) {
          REQUIRE_FALSE(request.problem_text.empty());
          continue;
        }
        ++accepted;
        REQUIRE(request.content == whole.content);
        REQUIRE(request.attributes.transaction_id == whole.attributes.transaction_id);
        REQUIRE(request.type == whole.type);
      } catch (const Failure&) {
        continue;
      }
    }
  }
  std::printf("requests: %ld prefixes, %ld changed bytes, of these still verified: %ld\n", prefixes, changes, accepted);
  CHECK(accepted * 2 < changes);
}

void damage_ca_certificates(std::size_t step) {
  for (const Vector& vector : vectors_of("reply", "GetCACert")) {
    const Bytes bytes = vector.file("message");
    for (std::size_t size = 0; size < bytes.size(); size += step)
      REQUIRE(fails([&] { scep::parse_ca_certificates({bytes.data(), size}); }));
    for (std::size_t at = 0; at < bytes.size(); at += step)
      (void)fails([&] { scep::parse_ca_certificates(changed(bytes, at)); });
  }
}

}  // namespace

TEST_CASE("damaged replies", "[damage]") {
  damage_replies(23);
}
TEST_CASE("damaged requests", "[damage]") {
  damage_requests(23);
}
TEST_CASE("damaged GetCACert replies", "[damage]") {
  damage_ca_certificates(3);
}

// Minutes: unit_scep '[every-byte]'
TEST_CASE("damaged messages, every prefix and every byte", "[.every-byte]") {
  damage_replies(1);
  damage_requests(1);
  damage_ca_certificates(1);
}
