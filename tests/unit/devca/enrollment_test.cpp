#include "framework/devca/commands.hpp"
#include "tests/unit/devca/scep_client.hpp"

#include <openssl/x509.h>
#include <catch2/catch.hpp>

#include <fstream>

using namespace certctl;
using namespace certctl::devca;
using namespace certctl::devca::test;
using scep::FailInfo;
using scep::MessageType;

namespace {

Identity enrolled(TestClient& client) {
  const Outcome outcome = client.enroll();
  REQUIRE(outcome.success());
  return {client.key, scep::find_issued(outcome.certificates, client.key.get())};
}

ServeSettings with_challenge(const std::string& challenge) {
  ServeSettings settings;
  settings.challenges = {challenge};
  return settings;
}

}  // namespace

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

//
TEST_CASE("a request is answered with what it asked for", "[SCEP-092][SCEP-111]") {
  TestCa ca;
  TestClient client(ca);
  const Identity issued = enrolled(client);
  CHECK(issued.certificate.carries(client.key));
  CHECK(issued.certificate.subject_text() == "CN=router-1,O=Test");
  CHECK(issued.certificate.alt_name_texts() == std::vector<std::string>{"DNS:router-1.example", "IP:192.0.2.1"});
  CHECK(issued.certificate.signed_by(ca.responder->authority().issuing.certificate));
  CHECK_FALSE(issued.certificate.is_ca());
  CHECK(issued.certificate.not_after() == kNow + std::chrono::hours{24 * 365});
  CHECK(ca.log().back()["status"] == "SUCCESS");
  CHECK(ca.log().back()["type"] == "PKCSReq");
  CHECK(ca.log().back()["key"] == client.key.public_fingerprint());
  CHECK(ca.log().back()["serial"] == issued.certificate.serial());
}

TEST_CASE("replies come in the cipher and digest of the request", "[SCEP-031][SCEP-032]") {
  TestCa ca;
  TestClient client(ca);
  client.cipher = crypto::ContentCipher::des3_cbc;
  client.digest = crypto::Digest::sha512;
  CHECK(client.enroll().success());
  CHECK(ca.log().back()["cipher"] == "3DES-CBC");
  client.cipher = crypto::ContentCipher::des_cbc;
  CHECK(client.enroll().refused(FailInfo::bad_alg));
  ca.settings.legacy = true;
  CHECK(client.enroll().success());
}

//
TEST_CASE("a certificate of this CA renews, whether the message says 17 or 19", "[SCEP-017][SCEP-020][SCEP-172]") {
  TestCa ca(with_challenge("secret"));
  TestClient first(ca);
  first.challenge = Secret("secret");
  const Identity old = enrolled(first);
  for (const MessageType type : {MessageType::renewal_req, MessageType::pkcs_req}) {
    TestClient next(ca);
    const Outcome outcome = next.renew(old, type);
    CHECK(outcome.success());
    CHECK(ca.log().back()["signer"] == "issued");
    CHECK(ca.log().back()["challenge"] == "absent");
    CHECK(scep::find_issued(outcome.certificates, next.key.get()).serial() != old.certificate.serial());
  }
  TestClient wrong(ca);
  wrong.challenge = Secret("other");
  CHECK(wrong.renew(old).refused(FailInfo::bad_request));
  CHECK(ca.log().back()["challenge"] == "wrong");
  TestClient right(ca);
  right.challenge = Secret("secret");
  CHECK(right.renew(old).success());
}

//
TEST_CASE("who may not renew", "[SCEP-023]") {
  TestCa ca;
  TestClient client(ca);
  const Identity old = enrolled(client);

  SECTION("a self-signed certificate") {
    TestClient stranger(ca);
    CHECK(stranger.renew(stranger.self_signed()).refused(FailInfo::bad_request));
  }
  SECTION("a certificate of another CA of the same name") {
    TestCa other;
    TestClient there(other);
    const Identity foreign = enrolled(there);
    TestClient stranger(ca);
    CHECK(stranger.renew(foreign).refused(FailInfo::bad_cert_id));
    CHECK(stranger.renew(foreign, MessageType::pkcs_req).refused(FailInfo::bad_cert_id));
    CHECK(ca.log().back()["signer"] == "foreign");
  }
  SECTION("an expired one") {
    ca.clock.set(kNow + std::chrono::hours{24 * 366});
    TestClient next(ca);
    CHECK(next.renew(old).refused(FailInfo::bad_cert_id));
  }
  SECTION("a revoked one") {
    CHECK(revoke(ca.settings.state, old.certificate.serial()) == 0);
    TestClient next(ca);
    CHECK(next.renew(old).refused(FailInfo::bad_cert_id));
  }
  SECTION("one for another subject") {
    TestClient next(ca, "router-2");
    CHECK(next.renew(old).refused(FailInfo::bad_cert_id));
  }
  SECTION("one that a renewal has revoked") {
    ca.settings.renewal_revokes = true;
    TestClient next(ca);
    CHECK(next.renew(old).success());
    TestClient again(ca);
    CHECK(again.renew(old).refused(FailInfo::bad_cert_id));
  }
  CHECK(State(ca.settings.state).all_issued().size() <= 2);
}

//
TEST_CASE("a CA that wants the challenge at renewals too", "[SCEP-022]") {
  ServeSettings settings = with_challenge("secret");
  settings.renewal_challenge_required = true;
  TestCa ca(settings);
  TestClient client(ca);
  client.challenge = Secret("secret");
  const Identity old = enrolled(client);
  TestClient without(ca);
  CHECK(without.renew(old).refused(FailInfo::bad_request));
  TestClient with(ca);
  with.challenge = Secret("secret");
  CHECK(with.renew(old).success());
}

TEST_CASE("challenge passwords: static, from a file, one-time", "[SCEP-019][SCEP-202]") {
  ServeSettings settings = with_challenge("static");
  TestCa ca(settings);
  ca.settings.challenge_file = ca.scratch + "/challenges";
  ca.settings.one_time_file = ca.scratch + "/one-time";
  std::ofstream(ca.settings.challenge_file) << "first\nsecond";
  std::ofstream(ca.settings.one_time_file) << "once\n";
  const auto with = [&](const char* challenge) {
    TestClient client(ca);
    client.challenge = Secret(challenge);
    return client.enroll();
  };
  CHECK(with("static").success());
  CHECK(with("first").success());
  CHECK(with("second").success());
  CHECK(with("third").refused(FailInfo::bad_request));
  CHECK(with("").refused(FailInfo::bad_request));

  TestClient client(ca);
  client.challenge = Secret("once");
  CHECK(client.enroll().success());
  // The same request again is no second use; another request is.
  CHECK(client.send(MessageType::pkcs_req, client.last_csr, *client.signer).success());
  CHECK(with("once").refused(FailInfo::bad_request));
  CHECK(ca.log().back()["challenge"] == "used");
  CHECK(sys::read_file(ca.settings.state + "/used-challenges.json", 10000).find("once") == std::string::npos);
  for (const auto& line : ca.log()) CHECK(line.dump().find("static") == std::string::npos);
}

//
TEST_CASE("the same request in the same transaction gets the same certificate", "[SCEP-191][SCEP-193]") {
  TestCa ca;
  TestClient client(ca);
  ca.fault("drop-success:1");
  const Outcome lost = client.enroll();
  CHECK(lost.answer.manner == Manner::close);
  const Outcome again = client.send(MessageType::pkcs_req, client.last_csr, *client.signer);
  REQUIRE(again.success());
  CHECK(State(ca.settings.state).all_issued().size() == 1);
  CHECK(ca.log().back()["replay"] == true);
  const Outcome polled = client.poll();
  REQUIRE(polled.success());
  CHECK(polled.certificates.front().serial() == again.certificates.front().serial());

  // A client that is started again signs the same PKCS #10 with a self-signed certificate of today.
  const Identity fresh = client.self_signed();
  REQUIRE_FALSE(fresh.certificate == client.signer->certificate);
  const Outcome restarted = client.send(MessageType::pkcs_req, client.last_csr, fresh);
  REQUIRE(restarted.success());
  CHECK(restarted.certificates.front().serial() == again.certificates.front().serial());
  CHECK(State(ca.settings.state).all_issued().size() == 1);
}

TEST_CASE("the same request in the same transaction begins anew when its certificate was revoked or it was denied") {
  TestCa ca;
  TestClient client(ca);
  const Outcome first = client.enroll();
  REQUIRE(first.success());
  State(ca.settings.state).revoke(first.certificates.front(), ca.clock.now());
  const Outcome after = client.send(MessageType::pkcs_req, client.last_csr, client.self_signed());
  REQUIRE(after.success());
  CHECK(after.certificates.front().serial() != first.certificates.front().serial());

  ca.settings.approval = Approval::manual;
  TestClient denied(ca);
  CHECK(denied.enroll().pending());
  {
    const State state(ca.settings.state);
    for (Transaction transaction : state.transactions()) {
      if (transaction.state != TransactionState::pending) continue;
      transaction.state = TransactionState::denied;
      state.save(transaction);
    }
  }
  CHECK(denied.send(MessageType::pkcs_req, denied.last_csr, denied.self_signed()).pending());
}

TEST_CASE("a transaction ID that comes back with another request begins anew, once the first is over") {
  TestCa ca;
  TestClient client(ca);
  const Identity old = enrolled(client);
  const std::string id = client.transaction_id;
  // The same key, PKCS #10 and ID, signed with the certificate: a renewal.
  const Outcome renewed = client.send(MessageType::renewal_req, client.last_csr, old);
  REQUIRE(renewed.success());
  CHECK(renewed.certificates.front().serial() != old.certificate.serial());

  ca.settings.approval = Approval::manual;
  TestClient waiting(ca);
  CHECK(waiting.enroll().pending());
  waiting.wanted.alt_names.clear();
  CHECK(waiting.send(MessageType::pkcs_req, waiting.csr(), *waiting.signer).refused(FailInfo::bad_request));
}

TEST_CASE("approval by hand: pending, polled, approved; all of it survives a restart",
          "[SCEP-024][SCEP-173][SCEP-178][SCEP-192]") {
  ServeSettings settings;
  settings.approval = Approval::manual;
  TestCa ca(settings);
  TestClient client(ca);
  CHECK(client.enroll().pending());
  CHECK(client.poll().pending());
  CHECK(client.send(MessageType::pkcs_req, client.last_csr, *client.signer).pending());
  ca.restart();
  CHECK(client.poll().pending());
  const auto waiting = State(ca.settings.state).transactions();
  REQUIRE(waiting.size() == 1);
  CHECK(approve(ca.settings.state, {waiting.front().id}) == 0);
  ca.restart();
  const Outcome outcome = client.poll();
  REQUIRE(outcome.success());
  CHECK(scep::find_issued(outcome.certificates, client.key.get()).carries(client.key));
  CHECK_THROWS_AS(approve(ca.settings.state, {waiting.front().id}), Failure);
}

TEST_CASE("a denied request is told why", "[SCEP-003][SCEP-178]") {
  ServeSettings settings;
  settings.approval = Approval::manual;
  TestCa ca(settings);
  TestClient client(ca);
  CHECK(client.enroll().pending());
  CHECK(deny(ca.settings.state, {}, "not this one, grüße") == 0);
  const Outcome outcome = client.poll();
  CHECK(outcome.refused(FailInfo::bad_request));
  CHECK(outcome.reply->fail_info_text == "not this one, grüße");
  CHECK(State(ca.settings.state).all_issued().empty());
}

TEST_CASE("approval for first enrollments only") {
  ServeSettings settings;
  settings.approval = Approval::first;
  TestCa ca(settings);
  TestClient client(ca);
  CHECK(client.enroll().pending());
  approve(ca.settings.state, {});
  const Outcome outcome = client.poll();
  REQUIRE(outcome.success());
  TestClient next(ca);
  CHECK(next.renew({client.key, outcome.certificates.front()}).success());
}

TEST_CASE("who may not poll", "[SCEP-176]") {
  ServeSettings settings;
  settings.approval = Approval::manual;
  TestCa ca(settings);
  TestClient client(ca);
  CHECK(client.enroll().pending());
  approve(ca.settings.state, {});
  TestClient thief(ca);
  thief.transaction_id = client.transaction_id;
  thief.signer = thief.self_signed();
  CHECK(thief.poll().refused(FailInfo::bad_message_check));
  thief.transaction_id = "unknown";
  CHECK(thief.poll().refused(FailInfo::bad_cert_id));
  CHECK(client.poll().success());
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
