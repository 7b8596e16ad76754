#include "framework/devca/commands.hpp"
#include "tests/unit/devca/scep_client.hpp"

#include <catch2/catch.hpp>

#include <fstream>

using namespace certctl;
using namespace certctl::devca;
using namespace certctl::devca::test;
using scep::FailInfo;
using scep::MessageType;

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
