// The enroller against a scripted server: who authenticates, what is asked, what an answer means.
#include "enrollers/est/test_scripted_server.hpp"
#include "framework/crypto/chain.hpp"

using namespace est_test;
using est::Step;

namespace {

void check_issued(const Bench& bench, const EnrollOutcome& outcome) {
  REQUIRE(outcome.state == EnrollState::issued);
  const auto leaf = crypto::Certificate::from_pem(outcome.certificate_pem);
  CHECK(leaf.carries(bench.request.key));
  std::vector<crypto::Certificate> set;
  std::vector<crypto::Certificate> anchors;
  for (const auto& pem : outcome.ca_set_pem) set.push_back(crypto::Certificate::from_pem(pem));
  for (const auto& pem : outcome.anchors_pem) anchors.push_back(crypto::Certificate::from_pem(pem));
  CHECK_NOTHROW(crypto::build_path(leaf, set, anchors, test_time()));
}

}  // namespace

TEST_CASE("a first certificate: the CA is asked without secrets, the request goes to the pinned one, with the login") {
  ScriptedServer server;
  Bench bench(server);
  const EnrollOutcome outcome = bench.enroll();
  check_issued(bench, outcome);
  REQUIRE(server.seen.size() == 3);
  CHECK(server.seen[0].url == "https://ca.test/.well-known/est/cacerts");
  CHECK(server.seen[0].access.authorities.empty());
  CHECK_FALSE(server.seen[0].access.login);
  CHECK_FALSE(server.seen[0].access.identity);
  CHECK(server.seen[1].operation() == "csrattrs");
  const auto& sent = server.seen[2];
  CHECK(sent.url == "https://ca.test/.well-known/est/simpleenroll");
  CHECK(sent.content_type == "application/pkcs10");
  CHECK(sent.access.authorities.size() == 2);  // the set and the anchor in it
  CHECK(sent.access.authorities[0] == server.ca.certificate);
  REQUIRE(sent.access.login);
  CHECK(sent.access.login->user == "router");
  CHECK(sent.access.login->password.reveal() == "secret123");
  CHECK_FALSE(sent.access.login->when_asked);
  CHECK(sent.csr().subject_text() == "CN=router-1,O=Test");
  CHECK(sent.csr().verify());
  CHECK_FALSE(sent.csr().challenge_password());
  for (std::size_t at = 0, end; (end = sent.body.find("\r\n", at)) != std::string::npos; at = end + 2)
    CHECK(end - at <= 64);
  CHECK(bench.posts_before == std::vector<std::size_t>{0});
  CHECK(bench.host.checkpoints.front().state == Checkpoint::about_to_send);
  CHECK(outcome.self_signed_request);
  CHECK(outcome.key_pem.empty());
  CHECK(contains(outcome.display, "simpleenroll with a login"));
}

TEST_CASE("nothing is sent when the checkpoint cannot be made durable") {
  ScriptedServer server;
  Bench bench(server);
  bench.host.on_checkpoint = [](const auto&) -> Result<void> { return Error{"disk-full", "full", "", {}, {}}; };
  CHECK(bench.failure().code == "disk-full");
  CHECK(server.posts().empty());
}

TEST_CASE("a renewal: the certificate in service in TLS, its subject, the password only when asked") {
  ScriptedServer server;
  Bench bench(server);
  bench.renew();
  const EnrollOutcome outcome = bench.enroll();
  check_issued(bench, outcome);
  CHECK(bench.operations() == Words{"simplereenroll"});
  const auto sent = server.posts()[0];
  REQUIRE(sent.access.identity);
  CHECK(sent.access.identity->key == test_key(2).get());
  REQUIRE(sent.access.login);
  CHECK(sent.access.login->when_asked);
  CHECK(sent.csr().subject_text() == "CN=router-1,O=Rewritten by the CA");
  CHECK(sent.csr().alt_names().size() == 1);
  CHECK_FALSE(outcome.self_signed_request);

  SECTION("other names than the certificate has are no renewal: the profile's are asked for, by simpleenroll") {
    for (const std::vector<AltName>& names :
         {std::vector<AltName>{{AltNameKind::dns, "new-name.example"}}, std::vector<AltName>{}}) {
      bench.request.wanted.alt_names = names;
      (void)bench.enroll();
      CHECK(server.posts().back().operation() == "simpleenroll");
      CHECK(server.posts().back().access.identity);
      CHECK(server.posts().back().csr().alt_names().size() == names.size());
    }
    CHECK(server.posts().size() == 3);
  }
  SECTION("no login where it is switched off") {
    bench.settings.renewal_login = false;
    (void)bench.enroll();
    CHECK_FALSE(server.posts()[1].access.login);
  }
  SECTION("the profile's subject where it is wanted") {
    bench.settings.profile_subject_on_renewal = true;
    (void)bench.enroll();
    CHECK(server.posts()[1].csr().subject_text() == "CN=router-1,O=Test");
  }
}

TEST_CASE("a server without simplereenroll is asked by simpleenroll, with the certificate, and that is remembered") {
  for (const int status : {404, 405, 501}) {
    ScriptedServer server;
    Bench bench(server);
    bench.renew();
    server.script = {ScriptedServer::says(reply_of(status, "no such thing"))};
    const EnrollOutcome outcome = bench.enroll();
    check_issued(bench, outcome);
    CHECK(bench.operations() == Words{"simplereenroll", "simpleenroll"});
    CHECK(server.posts()[1].body == server.posts()[0].body);
    CHECK(server.posts()[1].access.identity);
    CHECK(bench.posts_before == std::vector<std::size_t>{0, 1});
    bench.request.memory = outcome.memory.value();
    (void)bench.enroll();
    CHECK(bench.operations().back() == "simpleenroll");
    CHECK(server.posts().size() == 3);
  }
}

TEST_CASE("a renewal that is refused by one operation is asked for by the other, once; a pending one is not") {
  for (const int status : {400, 401, 403}) {
    ScriptedServer server;
    Bench bench(server);
    bench.renew();
    server.script = {ScriptedServer::says(reply_of(status, "not this way"))};
    const EnrollOutcome outcome = bench.enroll();
    check_issued(bench, outcome);
    CHECK(bench.operations() == Words{"simplereenroll", "simpleenroll"});
    CHECK(outcome.memory.value_or("").empty());
    server.script = {ScriptedServer::says(reply_of(status, "no")), ScriptedServer::says(reply_of(status, "never"))};
    CHECK(bench.enroll().state == EnrollState::rejected);
    CHECK(server.posts().size() == 4);
    server.script = {ScriptedServer::says(reply_of(202)), ScriptedServer::says(reply_of(status, "denied"))};
    CHECK(bench.enroll().state == EnrollState::pending);
    CHECK(bench.resume(ResumeReason::pending).state == EnrollState::rejected);
    CHECK(server.posts().size() == 6);
  }
}

TEST_CASE("an expired certificate, or another CA's, authenticates nothing: a new request with the login") {
  ScriptedServer server;
  Bench bench(server);
  SECTION("expired") {
    bench.renew(false);
    const EnrollOutcome outcome = bench.enroll();
    check_issued(bench, outcome);
    CHECK(warned(outcome, "expired"));
  }
  SECTION("another CA's") {
    ScriptedServer other;
    other.ca = make_ca("Another CA", test_key(3));
    Bench elsewhere(other);
    elsewhere.renew();
    bench.renew();
    bench.current = elsewhere.current;
    const EnrollOutcome outcome = bench.enroll();
    check_issued(bench, outcome);
    CHECK(warned(outcome, "another CA"));
  }
  CHECK(bench.operations() == Words{"simpleenroll"});
  CHECK_FALSE(server.posts()[0].access.identity);
  CHECK(server.posts()[0].csr().subject_text() == "CN=router-1,O=Test");
}

TEST_CASE("a certificate of the manufacturer authenticates a first request") {
  ScriptedServer server;
  Bench bench(server);
  const crypto::Issuer maker = make_ca("Manufacturer", test_key(4));
  bench.settings.client_certificate =
      bench.host.state().scratch.write("idevid.pem", server.ca.certificate.to_pem() + maker.certificate.to_pem());
  bench.settings.client_key.file = bench.host.state().scratch.write("idevid.key", test_key(0).to_pem_pkcs8().reveal());
  check_issued(bench, bench.enroll());
  const auto sent = server.posts()[0];
  REQUIRE(sent.access.identity);
  CHECK(sent.access.identity->chain.size() == 1);
  CHECK(sent.access.login->when_asked);
  bench.settings.client_key.file = bench.settings.client_certificate;
  CHECK(bench.failure().code == "identity-unreadable");
  CHECK(server.posts().size() == 1);
}

TEST_CASE("202: pending; the same bytes again, by another instance, until there is a certificate") {
  ScriptedServer server;
  Bench bench(server);
  const auto wait = ScriptedServer::says(reply_of(202, "wait", std::chrono::seconds(77)));
  server.script = {wait, wait};
  const EnrollOutcome first = bench.enroll();
  REQUIRE(first.state == EnrollState::pending);
  CHECK(first.poll_after == std::chrono::seconds(77));
  CHECK_FALSE(first.transaction_id.empty());
  CHECK(bench.host.checkpoints.back().state == Checkpoint::awaiting);
  const EnrollOutcome second = bench.resume(ResumeReason::pending);
  CHECK(second.state == EnrollState::pending);
  CHECK(second.transaction_id == first.transaction_id);
  check_issued(bench, bench.resume(ResumeReason::last_poll));
  for (const auto& one : server.posts()) CHECK(one.body == server.posts()[0].body);
  CHECK(server.seen.size() == 5);  // cacerts and csrattrs once

  server.script = {ScriptedServer::says(reply_of(202))};
  CHECK_FALSE(bench.enroll().poll_after);  // the profile's own
  server.script = {ScriptedServer::says(reply_of(403, "denied by the operator"))};
  const EnrollOutcome denied = bench.resume(ResumeReason::pending);
  REQUIRE(denied.state == EnrollState::rejected);
  CHECK(contains(denied.reason.message, "denied by the operator"));
}

TEST_CASE("a lost answer leaves the request in doubt, and the same bytes settle it") {
  ScriptedServer server;
  Bench bench(server);
  server.script = {ScriptedServer::loses(), ScriptedServer::says(reply_of(503, "", std::chrono::seconds(90)))};
  CHECK(bench.failure().code == "reply-lost");
  CHECK(bench.host.checkpoints.back().state == Checkpoint::about_to_send);
  const Error again = Bench::error_of([&] { (void)bench.resume(ResumeReason::in_doubt); });
  CHECK(again.retry == RetryClass::after);
  CHECK(again.delay == std::chrono::seconds(90));
  check_issued(bench, bench.resume(ResumeReason::in_doubt));
  for (const auto& one : server.posts()) CHECK(one.body == server.posts()[0].body);

  SECTION("a refusal then says what a one-time password may have to do with it") {
    server.script = {ScriptedServer::loses(), ScriptedServer::says(reply_of(401))};
    (void)bench.failure();
    const EnrollOutcome outcome = bench.resume(ResumeReason::in_doubt);
    CHECK(outcome.state == EnrollState::rejected);
    CHECK(contains(outcome.reason.hint, "one use"));
  }
  SECTION("a renewal in doubt whose certificate has expired meanwhile begins anew, with the login") {
    bench.renew();
    server.script = {ScriptedServer::loses()};
    (void)bench.failure();
    bench.request.current_usable = false;
    check_issued(bench, bench.resume(ResumeReason::in_doubt));
    CHECK(bench.operations().back() == "simpleenroll");
    CHECK_FALSE(server.posts().back().access.identity);
  }
}

TEST_CASE("no connection, a redirect, 429: nothing is in doubt") {
  ScriptedServer server;
  Bench bench(server);
  server.script = {[](const auto&) -> est::HttpReply {
    throw est::TransportFailure({"ca-unreachable", "no", "", RetryClass::later, {}}, false);
  }};
  CHECK(bench.failure().code == "ca-unreachable");
  CHECK(bench.host.checkpoints.back().state == Checkpoint::not_sent);
  server.script = {[](const auto&) -> est::HttpReply {
    throw est::TransportFailure({"redirect-refused", "no", "", RetryClass::never, {}}, true);
  }};
  CHECK(bench.failure().code == "redirect-refused");
  CHECK(bench.host.checkpoints.back().state == Checkpoint::not_sent);
  server.script = {ScriptedServer::says(reply_of(429, "", std::chrono::seconds(120)))};
  const Error busy = bench.failure();
  CHECK(busy.retry == RetryClass::after);
  CHECK(bench.host.checkpoints.back().state == Checkpoint::not_sent);
  server.down = true;
  const std::size_t before = bench.host.checkpoints.size();
  CHECK(bench.failure().code == "ca-unreachable");
  CHECK(bench.host.checkpoints.size() == before);
}

TEST_CASE("what a status means: refused for good, or to be tried again; the server's words cleaned") {
  ScriptedServer server;
  Bench bench(server);
  for (const int status : {400, 401, 403, 404, 405, 410, 413, 415, 422}) {
    server.script = {ScriptedServer::says(reply_of(status, "no\x1B[31m,\r\n  never"))};
    const EnrollOutcome outcome = bench.enroll();
    INFO(status);
    REQUIRE(outcome.state == EnrollState::rejected);
    CHECK(outcome.reason.retry == RetryClass::never);
    CHECK(contains(outcome.reason.message, std::to_string(status)));
    CHECK(contains(outcome.reason.message, "never"));
    CHECK_FALSE(contains(outcome.reason.message, "\x1B"));
    CHECK_FALSE(contains(outcome.reason.message, "\n"));
    CHECK_FALSE(outcome.reason.hint.empty());
  }
  for (const int status : {408, 425, 500, 501, 502, 503, 504}) {
    server.script = {ScriptedServer::says(reply_of(status))};
    CHECK(bench.failure().retry == RetryClass::later);
  }
  est::HttpReply asks = reply_of(401);
  asks.authenticate = "Digest realm=\"lab\"";
  server.script = {ScriptedServer::says(asks), ScriptedServer::says(asks)};
  CHECK(contains(bench.enroll().reason.hint, "realm=\"lab\""));
  bench.settings.user.clear();
  const EnrollOutcome anonymous = bench.enroll();
  CHECK(contains(anonymous.reason.hint, "`user`"));
  est::HttpReply page = reply_of(200, "<html>log in</html>");
  server.script = {ScriptedServer::says(page)};
  CHECK(contains(bench.failure().message, "web page"));
}

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

TEST_CASE(
    "the answer: by the key, in any order; another key's goes to the engine, and CA certificates alone to nobody") {
  ScriptedServer server;
  Bench bench(server);
  server.script = {[&](const auto& seen) {
    const std::vector<crypto::Certificate> list{server.ca.certificate, server.certificate_for(seen.csr())};
    return reply_of(200, est::encode_in_one_line(est::build_certificates(list)));
  }};
  check_issued(bench, bench.enroll());
  server.shape = [](crypto::IssueSpec& spec) { spec.public_key = test_key(2); };
  const EnrollOutcome other = bench.enroll();
  REQUIRE(other.state == EnrollState::issued);
  CHECK_FALSE(crypto::Certificate::from_pem(other.certificate_pem).carries(bench.request.key));
  server.script = {[&](const auto&) {
    return reply_of(200, est::encode_in_one_line(est::build_certificates({&server.ca.certificate, 1})));
  }};
  CHECK(bench.failure().code == "no-certificate");
}

TEST_CASE("tokens and memories that are not its own") {
  ScriptedServer server;
  Bench bench(server);
  for (const char* token : {"", "{}", "[[[[", R"({"format":2})", R"({"format":1,"id":7})"})
    CHECK(
        Bench::error_of([&] {
          (void)est::Enrollment(bench.settings, server, bench.request, bench.host).resume(token, ResumeReason::pending);
        }).code == "token-damaged");
  bench.request.memory = "\xff{";
  check_issued(bench, bench.enroll());
  bench.renew();
  server.script = {ScriptedServer::says(reply_of(202))};
  (void)bench.enroll();
  bench.request.current = nullptr;
  bench.request.current_key = nullptr;
  CHECK(Bench::error_of([&] { (void)bench.resume(ResumeReason::pending); }).code == "signer-missing");
}

TEST_CASE("without a clock the server's validity is not judged") {
  ScriptedServer server;
  Bench bench(server);
  bench.host.state().clock_trusted = false;
  (void)bench.enroll();
  CHECK_FALSE(server.posts()[0].access.judge_validity);
}
