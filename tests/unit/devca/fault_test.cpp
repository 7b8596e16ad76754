#include "tests/unit/devca/scep_client.hpp"

#include <catch2/catch.hpp>

#include <functional>

using namespace certctl;
using namespace certctl::devca;
using namespace certctl::devca::test;

TEST_CASE("faults of the message are what a careful client finds wrong", "[SCEP-085][SCEP-087][SCEP-089][SCEP-093]") {
  TestCa ca;
  TestClient client(ca);
  const struct {
    const char* fault;
    const char* found;
  } cases[] = {
      {"wrong-nonce", "wrong-nonce"},
      {"missing-nonce", "wrong-nonce"},
      {"wrong-transaction", "wrong-transaction"},
      {"missing-transaction", "wrong-transaction"},
      {"bad-signature", "signature-invalid"},
      {"no-message-digest", "signature-invalid"},
      {"bad-status", "protocol-error"},
      {"bad-message-type", "protocol-error"},
      {"md5", "algorithm-refused"},
  };
  for (const auto& [fault, found] : cases) {
    INFO(fault);
    ca.fault(fault);
    CHECK(client.enroll().failure == found);
    CHECK(ca.log().back()["faults"] == nlohmann::json::array({fault}));
  }
  ca.fault("unknown-signer");
  CHECK_FALSE(client.enroll().success());
  ca.fault("refuse\nbad-fail-info");
  CHECK(client.enroll().failure == "protocol-error");
}

TEST_CASE("oddities of real servers that a client has to live with", "[SCEP-061][SCEP-069][SCEP-094][SCEP-112]") {
  TestCa ca;
  TestClient client(ca);
  for (const char* fault : {"no-certificates", "combined-oid", "no-sender-nonce", "sha1", "des3-reply", "des-reply",
                            "root-first", "http-400"}) {
    INFO(fault);
    ca.fault(fault);
    const Outcome outcome = client.enroll();
    CHECK(outcome.failure == "");
    REQUIRE(outcome.success());
    CHECK_NOTHROW(scep::find_issued(outcome.certificates, client.key.get()));
  }
  for (const char* fault : {"absent-content", "zero-byte"}) {
    INFO(fault);
    ca.fault(std::string("refuse\n") + fault);
    CHECK(client.enroll().refused(scep::FailInfo::bad_request));
    ca.fault(std::string("pending-forever\n") + fault);
    CHECK(client.enroll().pending());
  }
}

TEST_CASE("faults of the certificate") {
  TestCa ca;
  TestClient client(ca);
  const auto issued = [&](const char* fault) {
    ca.fault(fault);
    const Outcome outcome = client.enroll();
    INFO(fault);
    REQUIRE(outcome.success());
    REQUIRE(outcome.certificates.size() == 1);
    return outcome.certificates.front();
  };
  const crypto::Certificate before = issued("");
  CHECK_FALSE(issued("other-key").carries(client.key));
  CHECK(issued("ca-true").is_ca());
  CHECK(issued("expired").not_after() < kNow);
  CHECK(issued("not-yet-valid").not_before() > kNow);
  CHECK(issued("short").not_after() == kNow + std::chrono::seconds{60});
  CHECK(issued("no-names").alt_names().empty());
  CHECK(issued("extra-names").alt_name_texts().back() == "DNS:extra.example.org");
  CHECK(issued("wildcard").alt_name_texts().back() == "DNS:*.example.org");
  CHECK(issued("wrong-subject").subject_text() == "CN=somebody else");
  const crypto::Certificate unchained = issued("unchained");
  CHECK(unchained.issuer_der() == client.set.front().subject_der());
  CHECK_FALSE(unchained.signed_by(client.set.front()));
  const crypto::Certificate last = issued("");
  CHECK(issued("repeated-serial").serial() == last.serial());
  ca.fault("empty-success");
  CHECK(client.enroll().certificates.empty());
}

TEST_CASE("the certificate of before, again") {
  TestCa ca;
  TestClient client(ca);
  const Outcome first = client.enroll();
  REQUIRE(first.success());
  ca.fault("old-certificate");
  TestClient next(ca);
  const Outcome outcome = next.renew({client.key, first.certificates.front()});
  REQUIRE(outcome.success());
  CHECK(outcome.certificates.front() == first.certificates.front());
}

TEST_CASE("a renewal message that this server does not know") {
  TestCa ca;
  TestClient client(ca);
  const Outcome first = client.enroll();
  const Identity old{client.key, first.certificates.front()};
  ca.fault("no-17");
  TestClient next(ca);
  CHECK(next.renew(old).answer.status == 500);
  CHECK(next.renew(old, scep::MessageType::pkcs_req).success());
  ca.fault("refuse-17");
  CHECK(next.renew(old).refused(scep::FailInfo::bad_request));
  CHECK(next.renew(old, scep::MessageType::pkcs_req).success());
}

TEST_CASE("faults instead of an answer decide and issue nothing") {
  TestCa ca;
  TestClient client(ca);
  const auto with = [&](const char* fault) {
    ca.fault(fault);
    return client.enroll().answer;
  };
  CHECK(with("http-500").status == 500);
  CHECK(with("http-404").status == 404);
  CHECK(with("html").content_type == "text/html");
  CHECK(with("empty").body.empty());
  CHECK_FALSE(scep::looks_like_message(with("garbage").body));
  CHECK(with("hang").manner == Manner::hang);
  CHECK(with("close").manner == Manner::close);
  CHECK(with("endless").manner == Manner::endless);
  CHECK(with("redirect").redirects_to_itself);
  CHECK(State(ca.settings.state).all_issued().empty());
  // These come with the real answer.
  CHECK(with("truncated").manner == Manner::truncated);
  CHECK(with("slow").manner == Manner::slow);
  CHECK(with("wrong-type").content_type == "text/plain");
  CHECK(with("late-500").status == 500);
  CHECK(State(ca.settings.state).all_issued().size() == 4);
}

TEST_CASE("a fault belongs to one operation, and may last for a number of requests") {
  TestCa ca;
  TestClient client(ca);
  ca.fault("caps/http-500:1\ncacert/wrong-ca");
  CHECK(client.enroll().success());
  CHECK(ca.responder->answer(false, "operation=GetCACaps", {}).status == 500);
  CHECK(ca.responder->answer(false, "operation=GetCACaps", {}).status == 200);
  const auto set = ca.ca_set();
  CHECK(set.front().subject_der() == client.set.front().subject_der());
  CHECK_FALSE(set.front() == client.set.front());
  ca.fault("refuse:2");
  CHECK(client.enroll().refused(scep::FailInfo::bad_request));
  CHECK(client.enroll().refused(scep::FailInfo::bad_request));
  CHECK(client.enroll().success());
  CHECK_THROWS_AS(parse_fault("no-such-fault"), Failure);
  CHECK_THROWS_AS(parse_fault("pki/wrong-ca"), Failure);
  CHECK_THROWS_AS(parse_fault("refuse:0"), Failure);
}
