#include "enrollers/scep/protocol/query.hpp"
#include "framework/crypto/digest.hpp"
#include "tests/unit/devca/scep_client.hpp"

#include <catch2/catch.hpp>

using namespace certctl;
using namespace certctl::devca;
using namespace certctl::devca::test;

namespace {

std::string text_of(const Answer& answer) {
  return {answer.body.begin(), answer.body.end()};
}

}  // namespace

TEST_CASE("capabilities are what the server does, or what it is told to say",
          "[SCEP-030][SCEP-033][SCEP-035][SCEP-037][SCEP-040][SCEP-044][SCEP-046][SCEP-165]") {
  TestCa ca;
  const Answer answer = ca.responder->answer(false, "operation=GetCACaps&message=0", {});
  CHECK(text_of(answer) == "AES\nDES3\nPOSTPKIOperation\nRenewal\nSCEPStandard\nSHA-1\nSHA-256\nSHA-512\n");
  CHECK(answer.content_type == "text/plain");
  ca.settings.capabilities_given = true;
  CHECK(text_of(ca.responder->answer(false, "operation=GetCACaps", {})).empty());
  ca.settings.capabilities = {"Renewal", "X"};
  CHECK(text_of(ca.responder->answer(false, "operation=GetCACaps", {})) == "Renewal\nX\n");
}

//
TEST_CASE("GetCACert: one certificate bare, several in a message, any identifier", "[SCEP-009][SCEP-151][SCEP-152]") {
  TestCa ca;
  CHECK(ca.responder->answer(false, "operation=GetCACert&message=My%20CA", {}).content_type ==
        scep::kContentTypeCaCert);
  ServeSettings settings;
  settings.shape.chain = true;
  TestCa chain(settings);
  CHECK(chain.responder->answer(false, "operation=GetCACert", {}).content_type == scep::kContentTypeCaRaCert);
  chain.settings.ca_reply_single = true;
  const Answer single = chain.responder->answer(false, "operation=GetCACert", {});
  CHECK(single.content_type == scep::kContentTypeCaCert);
  CHECK(scep::parse_ca_certificates(single.body).front() == chain.responder->authority().issuing.certificate);
}

TEST_CASE("a CA certificate's key usage covers what its key does for SCEP", "[SCEP-002]") {
  const unsigned without_encryption = crypto::kDigitalSignature | crypto::kKeyCertSign | crypto::kCrlSign;
  TestCa rsa;
  CHECK(rsa.ca_set().front().key_usage() == (without_encryption | crypto::kKeyEncipherment));
  ServeSettings settings;
  settings.shape.ca_key = parse_key_spec("ec:P-256");
  TestCa ec(settings);
  CHECK(ec.ca_set().front().key_usage() == without_encryption);
}

TEST_CASE("a poll is known by its transaction, whatever names it gives", "[SCEP-119]") {
  ServeSettings settings;
  settings.approval = Approval::manual;
  TestCa ca(settings);
  TestClient client(ca);
  CHECK(client.enroll().pending());
  client.wanted.subject = {{"CN", "somebody else", false}};
  CHECK(client.poll().pending());
  client.transaction_id = "another";
  CHECK(client.poll().refused(scep::FailInfo::bad_cert_id));
}

//
TEST_CASE("PKIOperation by GET, however the base64 was spoilt on its way", "[SCEP-031][SCEP-134]") {
  TestCa ca;
  TestClient client(ca);
  client.transaction_id = scep::fresh_transaction_id();
  client.signer = client.self_signed();
  const Bytes message = client.message(scep::MessageType::pkcs_req, client.csr(), *client.signer);
  const std::string base64 = crypto::base64_encode(message);
  std::string blanks = base64;
  std::string lines;
  for (char& c : blanks)
    if (c == '+') c = ' ';
  for (std::size_t i = 0; i < base64.size(); i += 64) {
    for (const char c : base64.substr(i, 64))
      lines += c == '+' ? "%2B" : c == '/' ? "%2F" : c == '=' ? "%3D" : std::string(1, c);
    lines += "%0D%0A";
  }
  const std::string escaped = scep::message_query(message);
  const std::string swapped = escaped.substr(escaped.find('&') + 1) + "&operation=PKIOperation&x=y";
  for (const std::string& query :
       {escaped, swapped, "operation=PKIOperation&message=" + base64, "operation=PKIOperation&message=" + blanks,
        "operation=pkioperation&message=" + lines}) {
    const Outcome outcome = client.open(ca.responder->answer(false, query, {}), *client.signer);
    CHECK(outcome.success());
  }
  CHECK(State(ca.settings.state).all_issued().size() == 1);
}

TEST_CASE("what is no SCEP message gets HTTP 400 and is logged") {
  TestCa ca;
  CHECK(ca.responder->answer(true, "operation=PKIOperation", {}).status == 400);
  const Bytes garbage(500, 0x30);
  CHECK(ca.responder->answer(true, "operation=PKIOperation", garbage).status == 400);
  CHECK(ca.responder->answer(false, "operation=PKIOperation&message=%%%", {}).status == 400);
  CHECK(ca.responder->answer(false, "operation=PKIOperation", {}).status == 400);
  CHECK(ca.responder->answer(false, "", {}).status == 400);
  CHECK(ca.responder->answer(false, "operation=Nothing\x01", {}).status == 400);
  CHECK(ca.log().size() == 6);
  CHECK(ca.log().front()["status"] == "HTTP 400");
}

TEST_CASE("every octet of a request may be wrong without harm") {
  TestCa ca;
  TestClient client(ca);
  client.transaction_id = scep::fresh_transaction_id();
  client.signer = client.self_signed();
  const Bytes good = client.message(scep::MessageType::pkcs_req, client.csr(), *client.signer);
  int answered = 0;
  for (std::size_t i = 0; i < good.size(); i += 7) {
    Bytes bad = good;
    bad[i] ^= 0x41U;
    const Answer answer = ca.responder->answer(true, "", bad);
    INFO(i << ": " << text_of(answer));
    CHECK((answer.status == 200 || answer.status == 400));
    ++answered;
  }
  for (std::size_t i = 0; i < good.size(); i += 31) {
    const Answer answer = ca.responder->answer(true, "", crypto::BytesView(good).first(i));
    CHECK(answer.status == 400);
  }
  CHECK(answered > 100);
  // A changed octet may sit where it does not matter (an unsigned part), but never changes who gets what.
  CHECK(State(ca.settings.state).all_issued().size() <= 1);
}

TEST_CASE("durations, keys and serials of the command line") {
  CHECK(parse_duration("3600s") == std::chrono::hours{1});
  CHECK(parse_duration("2w") == std::chrono::hours{14 * 24});
  for (const char* wrong : {"", "s", "10", "-1s", "0s", "1 d", "5x", "99999999999s"})
    CHECK_THROWS_AS(parse_duration(wrong), Failure);
  CHECK(parse_key_spec("rsa:3072").bits == 3072);
  CHECK(parse_key_spec("ec:P-384").curve == "P-384");
  for (const char* wrong : {"", "rsa:1024", "rsa:x", "ec:P-1", "ed25519"})
    CHECK_THROWS_AS(parse_key_spec(wrong), Failure);
  CHECK(parse_serial("FF") == Bytes{0x00, 0xFF});
  CHECK(parse_serial("1ff") == Bytes{0x01, 0xFF});
  CHECK_THROWS_AS(parse_serial("xyz"), Failure);
}
