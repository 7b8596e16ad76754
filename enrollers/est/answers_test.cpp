// What an answer means: pending, lost, refused, and which certificate of it is ours.
#include "enrollers/est/test_scripted_server.hpp"

using namespace est_test;

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
    throw est::TransportFailure({"ca-unreachable", "no", "", RetryClass::later, {}}, true);
  }};
  CHECK(bench.failure().code == "ca-unreachable");
  CHECK(bench.host.checkpoints.back().state == Checkpoint::not_sent);
  server.script = {[](const auto&) -> est::HttpReply {
    throw est::TransportFailure({"redirect-refused", "no", "", RetryClass::never, {}}, false);
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
