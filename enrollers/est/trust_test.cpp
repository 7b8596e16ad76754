// Which CA is trusted, and what of its wishes is done.
#include "enrollers/est/test_scripted_server.hpp"
#include "tests/contract/ca_bundle.hpp"

using namespace est_test;

TEST_CASE("the CA that the pin does not name gets nothing; on first use it is remembered") {
  ScriptedServer server;
  Bench bench(server);
  bench.settings.pin.fingerprints = {trust::parse_fingerprint(std::string(64, '1'))};
  CHECK(bench.failure().code == "ca-not-trusted");
  CHECK(server.posts().empty());
  bench.settings.pin.fingerprints.clear();
  CHECK(bench.failure().code == "no-pin");
  bench.settings.pin.trust_on_first_use = true;
  const EnrollOutcome first = bench.enroll();
  check_issued(bench, first);
  bench.request.memory = first.memory.value();
  server.ca = make_ca("Another CA", test_key(3));
  server.ca_set = {server.ca.certificate};
  CHECK(bench.failure().code == "ca-not-trusted");
  for (const char* body : {"", "no base64 *", "<html></html>", "MAA=", "MIIBBgYJKoZIhvcNAQcC"}) {
    server.cacerts = reply_of(200, body);
    INFO(body);
    CHECK(bench.failure().retry == RetryClass::later);
  }
}

TEST_CASE("a file with more CA certificates than a path is searched among: a system's bundle with our CA in it") {
  ScriptedServer server;
  Bench bench(server);
  bench.settings.pin.fingerprints.clear();
  bench.settings.pin.ca_file = bench.host.state().scratch.write(
      "bundle.pem", contract::ca_bundle(test_key(3), test_time(), server.ca.certificate));
  const EnrollOutcome outcome = bench.enroll();
  check_issued(bench, outcome);
  CHECK(outcome.anchors_pem == Words{server.ca.certificate.to_pem()});
  bench.settings.pin.ca_file =
      bench.host.state().scratch.write("strangers.pem", contract::ca_bundle(test_key(3), test_time(), {}));
  CHECK(bench.failure().code == "ca-not-trusted");
}

TEST_CASE("wishes: what the profile leaves open is done, what it says is not changed, what must not be is refused") {
  ScriptedServer server;
  Bench bench(server);
  const auto wish = [&](const est::CsrAttributes& attributes) {
    server.csrattrs = reply_of(200, est::encode_in_one_line(est::build_csr_attributes(attributes)));
  };
  const Bytes null{0x05, 0x00};
  SECTION("digest, key, extension") {
    est::CsrAttributes attributes;
    attributes.keys = {{crypto::PublicKeyType::ec, 0, "P-384"}, {crypto::PublicKeyType::rsa, 2048, {}}};
    attributes.digests = {crypto::Digest::sha512, crypto::Digest::sha384};
    attributes.extensions = {{"1.2.3.4.5", true, null}, {"2.5.29.17", false, null}};
    attributes.channel_binding = true;
    attributes.others = {"2.5.4.5"};
    wish(attributes);
    const EnrollOutcome outcome = bench.enroll();
    check_issued(bench, outcome);
    const crypto::Csr csr = server.posts()[0].csr();
    REQUIRE(csr.extension("1.2.3.4.5") != nullptr);
    CHECK(csr.extension("1.2.3.4.5")->critical);
    CHECK(csr.alt_names().size() == 1);
    CHECK(warned(outcome, "2.5.29.17"));
    CHECK(warned(outcome, "challengePassword"));
    CHECK(warned(outcome, "2.5.4.5"));
  }
  SECTION("another key") {
    est::CsrAttributes attributes;
    attributes.keys = {{crypto::PublicKeyType::ec, 0, "P-384"}, {crypto::PublicKeyType::rsa, 3072, {}}};
    wish(attributes);
    const Error error = bench.failure();
    CHECK(error.code == "key-refused");
    CHECK(error.retry == RetryClass::never);
    CHECK(contains(error.message, "ec P-384 or rsa 3072, not rsa 2048"));
    CHECK(server.posts().empty());
    CHECK(bench.host.checkpoints.empty());
    bench.settings.csr_attributes = false;
    check_issued(bench, bench.enroll());
  }
  SECTION("a CA, a signer of certificates, nonsense") {
    for (const crypto::RequestedExtension& extension :
         {crypto::RequestedExtension{"2.5.29.19", true, {0x30, 0x03, 0x01, 0x01, 0xFF}},
          crypto::RequestedExtension{"2.5.29.15", true, {0x03, 0x02, 0x02, 0x04}},
          crypto::RequestedExtension{"2.5.29.15", true, null},
          crypto::RequestedExtension{"1.2.3", false, Bytes(5000, 0)}}) {
      est::CsrAttributes attributes;
      attributes.extensions = {extension};
      wish(attributes);
      CHECK(bench.failure().code == "wish-refused");
    }
    CHECK(server.posts().empty());
  }
  SECTION("a server that cannot say it") {
    for (const est::HttpReply& reply :
         {reply_of(404), reply_of(200), reply_of(401), reply_of(500), reply_of(200, "***"), reply_of(200, "MAMC")}) {
      server.csrattrs = reply;
      check_issued(bench, bench.enroll());
    }
  }
}

TEST_CASE("without a clock the server's validity is not judged") {
  ScriptedServer server;
  Bench bench(server);
  bench.host.state().clock_trusted = false;
  (void)bench.enroll();
  CHECK_FALSE(server.posts()[0].access.judge_validity);
}
