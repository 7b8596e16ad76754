// The enroller against a scripted server: who authenticates, and by which operation.
#include "enrollers/est/test_scripted_server.hpp"

using namespace est_test;

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
