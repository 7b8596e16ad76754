// The CA's own shape: its keys, RA certificates, next CA, CRL, serial numbers.
#include "framework/devca/commands.hpp"
#include "tests/unit/devca/scep_client.hpp"

#include <openssl/x509.h>
#include <catch2/catch.hpp>

using namespace certctl;
using namespace certctl::devca;
using namespace certctl::devca::test;
using scep::FailInfo;
using scep::MessageType;

TEST_CASE("the first start makes a CA, later starts keep it", "[SCEP-200]") {
  TestCa ca;
  const std::string fingerprint = ca.responder->authority().top().fingerprint();
  CHECK(sys::read_file(ca.settings.state + "/fingerprint", 200) == fingerprint + "\n");
  CHECK((std::filesystem::status(ca.settings.state + "/ca.key").permissions() & std::filesystem::perms::others_all) ==
        std::filesystem::perms::none);
  ca.settings.shape.chain = true;  // of no effect now
  ca.restart();
  CHECK(ca.responder->authority().top().fingerprint() == fingerprint);
  CHECK(ca.ca_set().size() == 1);
}

TEST_CASE("RA certificates: one, or a pair with one use each", "[SCEP-153][SCEP-201]") {
  for (const RaMode mode : {RaMode::one, RaMode::pair}) {
    ServeSettings settings;
    settings.shape.ra = mode;
    TestCa ca(settings);
    TestClient client(ca);
    CHECK(client.set.size() == (mode == RaMode::one ? 2 : 3));
    const auto recipient = scep::choose_recipient(client.set, std::nullopt);
    CHECK(*recipient == ca.responder->authority().ra_decrypt->certificate);
    const Outcome outcome = client.enroll();
    REQUIRE(outcome.success());
    CHECK(outcome.reply->signer == ca.responder->authority().ra_sign->certificate);
  }
}

TEST_CASE("an EC root above an RSA CA, with an RA") {
  ServeSettings settings;
  settings.shape.chain = true;
  settings.shape.root_key = parse_key_spec("ec:P-384");
  settings.shape.ra = RaMode::one;
  TestCa ca(settings);
  TestClient client(ca);
  CHECK(client.set.size() == 3);
  const Outcome outcome = client.enroll();
  REQUIRE(outcome.success());
  const Authority& authority = ca.responder->authority();
  CHECK(authority.top().key_type() == crypto::PublicKeyType::ec);
  CHECK(authority.issuing.certificate.signed_by(authority.top()));
  CHECK(outcome.certificates.front().signed_by(authority.issuing.certificate));
}

TEST_CASE("a CA without an RSA key is asked with the challenge password", "[SCEP-101][SCEP-102]") {
  ServeSettings settings = with_challenge("a long enough secret");
  settings.shape.ca_key = parse_key_spec("ec:P-256");
  TestCa ca(settings);
  TestClient client(ca);
  client.challenge = Secret("a long enough secret");
  CHECK(client.enroll().success());
}

//
TEST_CASE("an EC client gets its reply by password, or is refused before anything is issued",
          "[SCEP-101][SCEP-102][SCEP-103]") {
  TestCa ca;
  TestClient client(ca, "ec", parse_key_spec("ec:P-256"));
  client.wanted.usage = {"digitalSignature"};
  CHECK(client.enroll().refused(FailInfo::bad_alg));
  CHECK(State(ca.settings.state).all_issued().empty());
  client.challenge = Secret("a long enough secret");
  const Outcome outcome = client.enroll();
  REQUIRE(outcome.success());
  CHECK(outcome.certificates.front().carries(client.key));

  ca.settings.approval = Approval::manual;
  CHECK(client.enroll().pending());
  approve(ca.settings.state, {});
  CHECK(client.poll().success());
}

TEST_CASE("GetCert and GetCRL", "[SCEP-113][SCEP-114][SCEP-179]") {
  TestCa ca;
  TestClient client(ca);
  const Identity issued = enrolled(client);
  ca.settings.approval = Approval::manual;  // a query never waits
  const Outcome found = client.query(MessageType::get_cert, issued.certificate, issued);
  REQUIRE(found.success());
  CHECK(found.certificates.front() == issued.certificate);
  CHECK(client.query(MessageType::get_cert, client.set.front(), issued).refused(FailInfo::bad_cert_id));

  revoke(ca.settings.state, issued.certificate.serial());
  const Outcome listed = client.query(MessageType::get_crl, issued.certificate, issued);
  REQUIRE(listed.success());
  CHECK(listed.certificates.empty());
  REQUIRE(listed.crls.size() == 1);
  const unsigned char* der = listed.crls.front().data();
  const std::unique_ptr<X509_CRL, decltype(&X509_CRL_free)> crl(
      d2i_X509_CRL(nullptr, &der, static_cast<long>(listed.crls.front().size())), &X509_CRL_free);
  REQUIRE(crl);
  X509_REVOKED* entry = nullptr;
  CHECK(X509_CRL_get0_by_cert(crl.get(), &entry, issued.certificate.get()) == 1);
  CHECK(X509_CRL_verify(crl.get(), X509_get0_pubkey(client.set.front().get())) == 1);
}

TEST_CASE("GetNextCACert is signed by the CA of today, and announced", "[SCEP-161][SCEP-165]") {
  ServeSettings settings;
  settings.shape.next_ca = true;
  TestCa ca(settings);
  const Answer words = ca.responder->answer(false, "operation=GetCACaps", {});
  CHECK(std::string(words.body.begin(), words.body.end()).find("GetNextCACert\n") != std::string::npos);
  const auto set = ca.ca_set();
  const auto next =
      scep::parse_next_ca_certificates(ca.responder->answer(false, "operation=GetNextCACert", {}).body, set);
  REQUIRE(next.size() == 1);
  CHECK_FALSE(next.front() == set.front());

  TestCa without;
  CHECK(without.responder->answer(false, "operation=GetNextCACert", {}).status == 404);
}

// some clients want the CA's certificate, others must not get it
TEST_CASE("the CA certificates go with the issued one, or do not") {
  ServeSettings settings;
  settings.shape.chain = true;
  for (const bool send : {false, true}) {
    settings.send_ca = send;
    TestCa ca(settings);
    TestClient client(ca);
    const Outcome outcome = client.enroll();
    REQUIRE(outcome.success());
    CHECK(outcome.certificates.size() == (send ? 3U : 1U));
    CHECK_NOTHROW(scep::find_issued(outcome.certificates, client.key.get()));
  }
}

// ten minutes either way
TEST_CASE("a request from a client whose clock is wrong is answered") {
  TestCa ca;
  for (const int minutes : {-10, 10}) {
    TestClient client(ca);
    ca.clock.set(kNow + std::chrono::minutes{minutes});
    client.transaction_id = scep::fresh_transaction_id();
    client.signer = client.self_signed();
    const Bytes message = client.message(scep::MessageType::pkcs_req, client.csr(), *client.signer);
    ca.clock.set(kNow);
    CHECK(client.open(ca.responder->answer(true, "operation=PKIOperation", message), *client.signer).success());
  }
}

TEST_CASE("serials: counting from a number, or always the same") {
  ServeSettings settings;
  settings.serial_start = "FF";
  TestCa ca(settings);
  TestClient client(ca);
  CHECK(client.enroll().certificates.front().serial() == "FF");
  CHECK(client.enroll().certificates.front().serial() == "0100");
  ca.restart();
  CHECK(client.enroll().certificates.front().serial() == "0101");
  ca.settings.fixed_serial = "11FF3FAA993B23E3BDA8";
  CHECK(client.enroll().certificates.front().serial() == "11FF3FAA993B23E3BDA8");
  ca.clock.set(kNow + std::chrono::seconds{1});  // else it would be the very same certificate
  CHECK(client.enroll().certificates.front().serial() == "11FF3FAA993B23E3BDA8");
  CHECK(State(ca.settings.state).issued_with_serial("11FF3FAA993B23E3BDA8").size() == 2);
}
