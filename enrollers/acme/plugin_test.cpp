// The enroller against a server in memory: what is asked, how an order is resumed, what a refusal means.
#include "enrollers/acme/test_bench.hpp"

using namespace acme_test;

TEST_CASE("a first certificate: account, order, challenge, request, certificate") {
  Bench bench;
  std::string served;
  bench.server.on_challenge = [&](const std::string& token, const Json&) {
    served = contract::Scratch::read(bench.settings.http_webroot + "/.well-known/acme-challenge/" + token);
  };
  const EnrollOutcome outcome = bench.enroll();
  check_issued(bench, outcome);
  CHECK(bench.server.posts() ==
        Words{"/account", "/account", "/order", "/authz/0/0", "/challenge/0/0", "/orders/0", "/finalize/0", "/cert/0"});
  // RFC 8555 §8.1
  CHECK(served == "token-0_0." + acme::thumbprint(test_key(0)));
  CHECK(std::filesystem::is_empty(bench.settings.http_webroot + "/.well-known/acme-challenge"));
  // Durable before anything on which the server can act, and again with the order's address.
  CHECK(bench.posts_before.front() == 0);
  CHECK(bench.host.checkpoints.front().state == Checkpoint::about_to_send);
  CHECK(has(bench.host.checkpoints.back().token, "https://ca.test/orders/0"));
  CHECK(bench.state() == Checkpoint::awaiting);
  CHECK(outcome.key_pem.empty());
  CHECK_FALSE(outcome.self_signed_request);
  for (const auto& one : bench.server.seen)
    if (one.path == "/cert/0") CHECK(one.accept == "application/pem-certificate-chain");

  SECTION("the next time the account is known") {
    bench.request.memory = outcome.memory.value();
    bench.server.seen.clear();
    check_issued(bench, bench.enroll());
    CHECK(bench.server.posts().front() == "/order");
  }
  SECTION("what was remembered of another key is not taken") {
    bench.request.memory = outcome.memory.value();
    bench.account = &test_key(3);
    check_issued(bench, bench.enroll());
    CHECK(bench.server.accounts.size() == 2);
  }
}

TEST_CASE("other kinds of account keys sign too") {
  for (const KeySpec& spec : {KeySpec{KeyType::rsa, 2048, {}}, KeySpec{KeyType::ec, 0, "P-384"}}) {
    Bench bench;
    const crypto::Key key = crypto::Key::generate(spec);
    bench.account = &key;
    check_issued(bench, bench.enroll());
  }
}

TEST_CASE("a nonce that is not taken is replaced by that of the refusal, and not for ever") {
  Bench bench;
  int refused = 0;
  bench.server.interfere = [&](const AcmeServer::Seen& seen) -> std::optional<acme::HttpReply> {
    if (seen.path == "/order" && refused++ < 3) return AcmeServer::problem(400, "badNonce");
    return std::nullopt;
  };
  check_issued(bench, bench.enroll());
  CHECK(bench.server.orders.size() == 1);
  std::size_t nonces = 0;
  for (const auto& one : bench.server.seen) nonces += one.path == "/nonce" ? 1U : 0U;
  CHECK(nonces == 1);

  bench.server.seen.clear();
  bench.server.interfere = [](const AcmeServer::Seen& seen) -> std::optional<acme::HttpReply> {
    if (seen.post) return AcmeServer::problem(400, "badNonce");
    return std::nullopt;
  };
  const Error error = bench.failure();
  CHECK(error.code == "acme-bad-nonce");
  CHECK(error.retry == RetryClass::later);
  CHECK(bench.server.posts().size() == 6);
  CHECK(bench.state() == Checkpoint::not_sent);

  bench.server.interfere = nullptr;
  bench.server.spoil = [](acme::HttpReply& reply, const AcmeServer::Seen&) { reply.nonce.clear(); };
  CHECK(bench.failure().code == "no-nonce");
  bench.server.spoil = [](acme::HttpReply& reply, const AcmeServer::Seen&) { reply.nonce = "\r\nx: y"; };
  CHECK(bench.failure().code == "no-nonce");
}

TEST_CASE("terms, bindings and contacts are for the operator to say") {
  Bench bench;
  SECTION("terms that nobody agreed to") {
    bench.server.meta = Json{{"termsOfService", "https://ca.test/terms"}};
    bench.settings.agree_terms = false;
    const Error error = bench.failure();
    CHECK(error.code == "terms-not-agreed");
    CHECK(has(error.message, "https://ca.test/terms"));
    CHECK(error.retry == RetryClass::never);
    CHECK(bench.state() == Checkpoint::not_sent);
    CHECK(bench.server.accounts.empty());
  }
  SECTION("a binding, in whatever base64") {
    bench.server.binding_key = std::string("\xfb\xff\xbf mac key of the CA", 22);
    bench.server.meta = Json{{"externalAccountRequired", true}};
    CHECK(bench.failure().code == "binding-missing");
    bench.settings.binding_id = "kid-1";
    bench.settings.binding_key.inline_text = Secret("not base64!");
    CHECK(bench.failure().code == "binding-unusable");
    bench.settings.binding_key.inline_text = Secret("-_-_IG1hYyBrZXkgb2YgdGhlIENB");
    check_issued(bench, bench.enroll());
    bench.account = &test_key(3);
    bench.settings.binding_key.inline_text = Secret("+/+/IG1hYyBrZXkgb2YgdGhlIENB==\n");
    check_issued(bench, bench.enroll());
    bench.account = &test_key(4);
    bench.settings.binding_key.inline_text = Secret("AAAA");
    const EnrollOutcome outcome = bench.enroll();
    CHECK(outcome.state == EnrollState::rejected);
    CHECK(has(outcome.reason.hint, "eab_kid"));
  }
}

TEST_CASE("an order is resumed and never made twice, wherever the run ended") {
  // The process ends at its Nth message.
  for (std::size_t last = 3; last <= 8; ++last) {
    Bench bench;
    std::size_t sent = 0;
    bench.server.interfere = [&](const AcmeServer::Seen& seen) -> std::optional<acme::HttpReply> {
      if (seen.post && ++sent > last)
        throw acme::TransportFailure({"reply-lost", "the process ends", "", RetryClass::later, {}}, false);
      return std::nullopt;
    };
    std::optional<EnrollOutcome> outcome;
    try {
      outcome = bench.enroll();
    } catch (const Failure&) {
      bench.server.interfere = nullptr;
      outcome = bench.resume(ResumeReason::in_doubt);
    }
    INFO(last);
    check_issued(bench, *outcome);
    CHECK(bench.server.orders.size() == 1);
    CHECK(bench.server.issued == 1);
  }
}

TEST_CASE("waiting: as long as the server says, as long as the profile says, and in the next run") {
  Bench bench;
  bench.server.waits = true;
  bench.server.retry_after = std::chrono::seconds(7);
  bench.settings.wait = std::chrono::seconds(20);
  const EnrollOutcome pending = bench.enroll();
  REQUIRE(pending.state == EnrollState::pending);
  CHECK(pending.transaction_id == bench.host.checkpoints.back().transaction_id);
  CHECK(pending.poll_after == std::chrono::seconds(7));
  CHECK(bench.server.paused == std::chrono::seconds(14));
  CHECK(bench.resume().state == EnrollState::pending);
  CHECK(bench.server.count("/finalize/0") == 1);

  SECTION("approved") {
    bench.server.decide(true);
    check_issued(bench, bench.resume());
    CHECK(bench.server.orders.size() == 1);
  }
  SECTION("denied, in the CA's words") {
    bench.server.decide(false);
    const EnrollOutcome outcome = bench.resume();
    REQUIRE(outcome.state == EnrollState::rejected);
    CHECK(has(outcome.reason.message, "not known here"));
  }
  SECTION("the last poll") {
    CHECK(bench.resume(ResumeReason::last_poll).state == EnrollState::pending);
    bench.server.decide(true);
    check_issued(bench, bench.resume(ResumeReason::last_poll));
  }
  SECTION("an order that the server has forgotten is made again, once") {
    bench.server.orders.clear();
    bench.server.waits = false;
    check_issued(bench, bench.resume());
    CHECK(bench.server.orders.size() == 1);
  }
}

TEST_CASE("a rate limit is the server's time, and nothing was ordered") {
  Bench bench;
  bench.server.interfere = [](const AcmeServer::Seen& seen) -> std::optional<acme::HttpReply> {
    if (seen.path != "/order") return std::nullopt;
    acme::HttpReply reply = AcmeServer::problem(429, "rateLimited", "too many certificates");
    reply.retry_after = std::chrono::hours(3);
    return reply;
  };
  const Error error = bench.failure();
  CHECK(error.code == "acme-rate-limited");
  CHECK(error.retry == RetryClass::after);
  CHECK(error.delay == std::chrono::hours(3));
  CHECK(bench.state() == Checkpoint::not_sent);
}

TEST_CASE("what the server refuses for good is rejected, what may pass is tried again with another order") {
  for (const char* type :
       {"rejectedIdentifier", "caa", "unsupportedIdentifier", "badCSR", "badPublicKey", "malformed"}) {
    INFO(type);
    for (const char* path : {"/order", "/finalize/0"}) {
      Bench bench;
      bench.server.interfere = [&](const AcmeServer::Seen& seen) -> std::optional<acme::HttpReply> {
        if (seen.path == path) return AcmeServer::problem(403, type, "not\x1b[31m so");
        return std::nullopt;
      };
      const EnrollOutcome outcome = bench.enroll();
      REQUIRE(outcome.state == EnrollState::rejected);
      CHECK(has(outcome.reason.message, std::string("(") + type + ")"));
      CHECK_FALSE(has(outcome.reason.message, "\x1b"));
      CHECK_FALSE(outcome.reason.hint.empty());
    }
  }
  Bench bench;
  bench.server.challenges_fail = true;
  const Error error = bench.failure();
  CHECK(error.code == "acme-connection");
  CHECK(error.retry == RetryClass::later);
  CHECK(has(error.message, "router-1.example is not proved (http-01)"));
  CHECK_FALSE(has(error.message, "\x1b"));
  CHECK(bench.state() == Checkpoint::not_sent);
  CHECK_FALSE(has(bench.host.checkpoints.back().token, "/orders/0"));
  CHECK(std::filesystem::is_empty(bench.settings.http_webroot + "/.well-known/acme-challenge"));
}
