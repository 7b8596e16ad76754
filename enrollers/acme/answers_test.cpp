// What an answer may not lead to, what of it is taken, and what the server is asked beside certificates.
#include "enrollers/acme/test_bench.hpp"
#include "tests/contract/ca_bundle.hpp"

using namespace acme_test;

TEST_CASE("no message leaves for another host or port, whoever names it") {
  for (const std::string part :
       {"/nonce", "/account", "/order", "/orders/0", "/authz/0/0", "/challenge/0/0", "/finalize/0", "/cert/0"}) {
    for (const std::string elsewhere : {"https://ca.test.evil.test", "https://ca.test:444", "http://ca.test",
                                        "https://user@ca.test", "https://169.254.169.254"}) {
      INFO(part << " " << elsewhere);
      Bench bench;
      bench.server.waits = part == "/orders/0";
      bench.settings.wait = std::chrono::seconds(5);
      bench.server.spoil = [&](acme::HttpReply& reply, const AcmeServer::Seen&) {
        std::string text(reply.body.begin(), reply.body.end());
        for (std::size_t at; (at = text.find("\"https://ca.test" + part + "\"")) != std::string::npos;)
          text.replace(at + 1, 15, elsewhere);
        reply.body.assign(text.begin(), text.end());
        if (reply.location == "https://ca.test" + part) reply.location = elsewhere + part;
      };
      const Error error = bench.failure();
      CHECK((error.code == "url-elsewhere" || error.code == "not-acme"));
      for (const auto& one : bench.server.seen) CHECK(one.path.starts_with("/"));
      CHECK_FALSE(has(bench.host.checkpoints.empty() ? "" : bench.host.checkpoints.back().token, elsewhere + "/"));
    }
  }
}

TEST_CASE("a name that was not asked for is not proved, and a token is no path") {
  const auto spoiled = [](const std::string& from, const std::string& to) {
    Bench bench;
    bench.server.spoil = [&](acme::HttpReply& reply, const AcmeServer::Seen& seen) {
      if (!seen.path.starts_with("/authz")) return;
      std::string text(reply.body.begin(), reply.body.end());
      for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
        text.replace(at, from.size(), to);
      reply.body.assign(text.begin(), text.end());
    };
    const Error error = bench.failure();
    CHECK(bench.server.count("/challenge/0/0") == 0);
    CHECK_FALSE(std::filesystem::exists(bench.settings.http_webroot + "/.well-known/evil"));
    return error.code;
  };
  CHECK(spoiled("router-1.example", "other.example") == "not-acme");
  CHECK(spoiled("token-0_0", "../evil") == "not-acme");
  CHECK(spoiled("token-0_0", "") == "no-challenge");
  CHECK(spoiled("http-01", "http-02") == "no-challenge");
  CHECK(spoiled("\"pending\"", "\"strange\"") == "not-acme");
}

TEST_CASE("a wildcard and its name are two records in the DNS, put there and taken away by the script") {
  Bench bench;
  bench.settings.http_webroot.clear();
  bench.settings.dns_script = "/etc/certctl/records";
  bench.settings.dns_propagation = std::chrono::seconds(40);
  bench.request.wanted.alt_names = {{AltNameKind::dns, "Example.test"}, {AltNameKind::dns, "*.example.test"}};
  bench.request.wanted.subject.clear();
  bench.host.state().script = [](const contract::CommandCall&) { return CommandOutcome{0, 0, false, false, {}}; };
  const EnrollOutcome outcome = bench.enroll();
  check_issued(bench, outcome);
  const auto& calls = bench.host.state().calls;
  REQUIRE(calls.size() == 4);
  std::set<std::string> values;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    const auto& arguments = calls[i].command.arguments;
    CHECK_FALSE(calls[i].command.shell);
    REQUIRE(arguments.size() == 4);
    CHECK(arguments[0] == "/etc/certctl/records");
    CHECK(arguments[1] == (i < 2 ? "present" : "cleanup"));
    CHECK(arguments[2] == "_acme-challenge.example.test");
    CHECK(arguments[3].size() == 43);
    values.insert(arguments[3]);
    CHECK(calls[i].timeout == std::chrono::seconds(60));
  }
  CHECK(values.size() == 2);
  CHECK(bench.server.paused >= std::chrono::seconds(40));

  SECTION("a script that fails ends the attempt, and what it did is undone") {
    bench.host.state().calls.clear();
    bench.host.state().script = [](const contract::CommandCall& call) {
      return CommandOutcome{call.command.arguments[1] == "present" ? 3 : 0, 0, false, false, "no credentials"};
    };
    const Error error = bench.failure();
    CHECK(error.code == "dns-script-failed");
    CHECK(has(error.message, "no credentials"));
    const EnrollOutcome again = [&] {
      bench.host.state().script = [](const contract::CommandCall&) { return CommandOutcome{0, 0, false, false, {}}; };
      return bench.resume(ResumeReason::in_doubt);
    }();
    check_issued(bench, again);
  }
}

TEST_CASE("a wildcard without dns-01 is a mistake of the profile") {
  Bench bench;
  bench.request.wanted.subject.clear();
  bench.request.wanted.alt_names = {{AltNameKind::dns, "*.example.test"}};
  const Error error = bench.failure();
  CHECK(error.code == "no-challenge");
  CHECK(has(error.hint, "dns_01"));
}

TEST_CASE("what ACME cannot carry is refused, or left out where that is wanted") {
  Bench bench;
  bench.request.wanted.alt_names.push_back({AltNameKind::email, "a@b.example"});
  CHECK(bench.failure().code == "name-not-carried");
  bench.request.wanted.alt_names.pop_back();
  bench.request.wanted.subject = {{"O", "Example", false}, {"CN", "Router-1.example", false}};
  CHECK(bench.failure().code == "name-not-carried");
  CHECK(bench.server.seen.empty());
  bench.settings.drop_subject = true;
  const EnrollOutcome outcome = bench.enroll();
  check_issued(bench, outcome);
  REQUIRE(outcome.warnings.size() == 1);
  CHECK(has(outcome.warnings[0], "left out of the subject: O"));
  CHECK(crypto::Certificate::from_pem(outcome.certificate_pem).subject_text() == "CN=Router-1.example");
  bench.request.wanted.alt_names = {{AltNameKind::ip, "192.0.2.1"}, {AltNameKind::ip, "2001:db8::1"}};
  bench.request.wanted.subject.clear();
  check_issued(bench, bench.enroll());
  CHECK(bench.server.orders.back().identifiers[0]["type"] == "ip");
  bench.request.wanted.alt_names.clear();
  CHECK(bench.failure().code == "name-not-carried");
}

TEST_CASE("a renewal names its predecessor where the server wants that, and does not fail of it") {
  Bench bench;
  bench.server.renewal_info = "{}";
  bench.renew();
  check_issued(bench, bench.enroll());
  const std::string named = bench.server.orders.back().text.value("replaces", "");
  CHECK(named == acme::certificate_id(crypto::Certificate::from_pem(bench.current.certificate_pem)));
  CHECK(has(named, "."));

  int refused = 0;
  bench.server.interfere = [&](const AcmeServer::Seen& seen) -> std::optional<acme::HttpReply> {
    if (seen.path != "/order" || !has(seen.payload, "replaces")) return std::nullopt;
    ++refused;
    return AcmeServer::problem(409, "alreadyReplaced");
  };
  check_issued(bench, bench.enroll());
  CHECK(refused == 1);
  CHECK_FALSE(bench.server.orders.back().text.contains("replaces"));
  bench.settings.renewal_info = false;
  check_issued(bench, bench.enroll());
  CHECK(refused == 1);
}

TEST_CASE("an account that the server has lost is registered again, once") {
  Bench bench;
  bench.renew();
  bench.server.accounts.clear();
  check_issued(bench, bench.enroll());
  CHECK(bench.server.accounts.size() == 1);
  bench.server.interfere = [](const AcmeServer::Seen& seen) -> std::optional<acme::HttpReply> {
    if (seen.path == "/order") return AcmeServer::problem(400, "accountDoesNotExist");
    return std::nullopt;
  };
  bench.server.seen.clear();
  CHECK(bench.failure().code == "acme-account-does-not-exist");
  CHECK(bench.server.count("/order") == 2);
}

TEST_CASE("which chain: the one that leads to the pin, and of those the preferred one") {
  Bench bench;
  bench.server.with_alternate = true;
  EnrollOutcome outcome = bench.enroll();
  check_issued(bench, outcome);
  CHECK(crypto::Certificate::from_pem(outcome.ca_set_pem.front()).issuer_text() == "CN=Root");

  const auto both = bench.server.root.certificate.to_pem() + bench.server.other_root.certificate.to_pem();
  bench.settings.pin.ca_file = bench.host.state().scratch.write("both.pem", both).string();
  bench.settings.preferred_chain = "Other root";
  outcome = bench.enroll();
  check_issued(bench, outcome);
  CHECK(crypto::Certificate::from_pem(outcome.ca_set_pem.front()).issuer_text() == "CN=Other root");

  bench.settings.preferred_chain = "No such root";
  outcome = bench.enroll();
  check_issued(bench, outcome);
  CHECK(has(outcome.warnings.at(0), "No such root"));

  bench.settings.preferred_chain.clear();
  bench.settings.pin.ca_file =
      bench.host.state().scratch.write("other.pem", bench.server.other_root.certificate.to_pem()).string();
  outcome = bench.enroll();
  check_issued(bench, outcome);
  CHECK(crypto::Certificate::from_pem(outcome.ca_set_pem.front()).issuer_text() == "CN=Other root");
}

TEST_CASE("a file with more CA certificates than a path is searched among: a system's bundle with our root in it") {
  Bench bench;
  const auto use = [&](const std::optional<crypto::Certificate>& ours) {
    bench.settings.pin.ca_file =
        bench.host.state()
            .scratch.write("bundle.pem", contract::ca_bundle(test_key(2), bench.host.now(), ours))
            .string();
  };
  use(bench.server.root.certificate);
  const EnrollOutcome outcome = bench.enroll();
  check_issued(bench, outcome);
  CHECK(outcome.anchors_pem == Words{bench.server.root.certificate.to_pem()});
  use({});
  CHECK(bench.enroll().anchors_pem.empty());
}

TEST_CASE("a name at which the server looked in vain, and looks again: pending, and its words are said") {
  Bench bench;
  bench.server.looks_in_vain = true;
  const EnrollOutcome outcome = bench.enroll();
  REQUIRE(outcome.state == EnrollState::pending);
  REQUIRE(outcome.warnings.size() == 1);
  for (const std::string& text : {outcome.warnings[0], outcome.display}) {
    CHECK(has(text, "is not proved yet (http-01): refused"));
    CHECK_FALSE(has(text, "\x1b"));
  }
  bench.server.looks_in_vain = false;
  const EnrollOutcome later = bench.resume(ResumeReason::pending);
  check_issued(bench, later);
  CHECK_FALSE(has(later.display, "not proved"));
}

TEST_CASE("a certificate that does not lead to the pin, or is for another key, goes to the engine without an anchor") {
  Bench bench;
  bench.settings.pin.ca_file =
      bench.host.state().scratch.write("other.pem", bench.server.other_root.certificate.to_pem()).string();
  EnrollOutcome outcome = bench.enroll();
  CHECK(outcome.state == EnrollState::issued);
  CHECK(outcome.anchors_pem.empty());
  CHECK_FALSE(outcome.warnings.empty());

  Bench other;
  other.server.shape = [](crypto::IssueSpec& spec) { spec.public_key = test_key(5); };
  outcome = other.enroll();
  CHECK(outcome.state == EnrollState::issued);
  CHECK_FALSE(crypto::Certificate::from_pem(outcome.certificate_pem).carries(other.request.key));

  Bench first_use;
  first_use.settings.pin = {};
  first_use.settings.pin.trust_on_first_use = true;
  outcome = first_use.enroll();
  check_issued(first_use, outcome);
  CHECK(has(outcome.memory.value(), "first_use"));
}

TEST_CASE("answers that are none of ACME fail, pass, and touch nothing") {
  for (const std::string path : {"/dir", "/order", "/authz/0/0", "/orders/0", "/cert/0", "/finalize/0"}) {
    for (const std::string body : {"", "<html>", "[]", "{}", "{\"status\":7}", "{\"status\":\"valid\"}", "\xff\xfe"}) {
      INFO(path << " " << body);
      Bench bench;
      bench.server.spoil = [&](acme::HttpReply& reply, const AcmeServer::Seen& seen) {
        if (seen.path == path) reply.body.assign(body.begin(), body.end());
      };
      const Error error = bench.failure();
      CHECK(error.code == "not-acme");
      CHECK(error.retry == RetryClass::later);
    }
  }
  Bench bench;
  bench.server.down = true;
  CHECK(bench.failure().code == "ca-unreachable");
}

TEST_CASE("a profile that the server does not have is not asked for") {
  Bench bench;
  bench.settings.certificate_profile = "shortlived";
  bench.server.meta = Json{{"profiles", Json{{"classic", "https://ca.test/classic"}}}};
  const Error error = bench.failure();
  CHECK(error.code == "profile-unknown");
  CHECK(has(error.hint, "classic"));
  bench.server.meta["profiles"]["shortlived"] = "short";
  check_issued(bench, bench.enroll());
  CHECK(bench.server.orders.back().text["profile"] == "shortlived");
}

TEST_CASE("when the server wants a renewal: asked without an account, by the certificate's name") {
  Bench bench;
  bench.server.renewal_info =
      R"({"suggestedWindow":{"start":"2027-02-01T00:00:00Z","end":"2027-02-03T00:00:00Z"},"explanationURL":"https://x"})";
  bench.renew();
  const auto ask = [&] {
    acme::Client client(bench.settings, bench.server, test_key(0));
    return acme::suggested_window(bench.settings, client, bench.current, bench.host);
  };
  const auto [from, until, ask_again] = ask();
  CHECK(ask_again == std::chrono::seconds(0));
  CHECK(until - from == std::chrono::hours(48));
  CHECK(from == acme::parse_time("2027-02-01T00:00:00Z"));
  CHECK(bench.host.state().logged("https://x"));
  const auto& seen = bench.server.seen.back();
  CHECK_FALSE(seen.post);
  CHECK(seen.path == "/renewal/" + acme::certificate_id(crypto::Certificate::from_pem(bench.current.certificate_pem)));

  // RFC 9773 §4.3
  bench.server.interfere = [&](const AcmeServer::Seen& one) -> std::optional<acme::HttpReply> {
    if (!one.path.starts_with("/renewal")) return std::nullopt;
    acme::HttpReply reply;
    reply.status = 200;
    reply.body.assign(bench.server.renewal_info.begin(), bench.server.renewal_info.end());
    reply.retry_after = std::chrono::hours(2);
    return reply;
  };
  CHECK(ask().ask_again == std::chrono::hours(2));
  bench.server.interfere = nullptr;

  bench.server.renewal_info = R"({"suggestedWindow":{"start":"2027-02-03T00:00:00Z","end":"2027-02-01T00:00:00Z"}})";
  CHECK(Bench::error_of(ask).code == "not-acme");
  bench.server.interfere = [](const AcmeServer::Seen& one) -> std::optional<acme::HttpReply> {
    if (!one.path.starts_with("/renewal")) return std::nullopt;
    acme::HttpReply reply = AcmeServer::problem(503, "serverInternal");
    reply.retry_after = std::chrono::minutes(50);
    return reply;
  };
  CHECK(Bench::error_of(ask).delay == std::chrono::minutes(50));
  bench.settings.renewal_info = false;
  CHECK(Bench::error_of(ask).code == "unsupported");
}

TEST_CASE("the certificate in service is revoked with the account") {
  Bench bench;
  bench.renew();
  acme::Client client(bench.settings, bench.server, test_key(0));
  acme::revoke_current(bench.settings, client, bench.request, 4, bench.host);
  const Json sent = Json::parse(bench.server.seen.back().payload);
  CHECK(sent["reason"] == 4);
  CHECK(bench.server.seen.back().path == "/revoke");
  CHECK(bench.server.seen.back().header.contains("kid"));
}
