// The enroller against a scripted CA: first certificates, waiting, keys, clocks, options.
#include "enrollers/scep/test_bench.hpp"

using namespace certctl;
using namespace scep_test;
using scep::FailInfo;
using scep::MessageType;

TEST_CASE("a first certificate: checkpoint before the message, CSR as wanted, everything for the path handed back",
          "[SCEP-010][SCEP-012][SCEP-015][SCEP-018][SCEP-030][SCEP-091][SCEP-110][SCEP-133][SCEP-200]") {
  for (ScriptedCa ca : {ScriptedCa::single(), ScriptedCa::with_ra()}) {
    Bench bench(ca);
    const EnrollOutcome outcome = bench.enroll();
    check_issued(bench, outcome);
    CHECK(outcome.self_signed_request);
    CHECK(outcome.warnings.empty());
    REQUIRE(ca.seen.size() == 1);
    const scep::ReceivedRequest& message = ca.seen[0].request;
    CHECK_FALSE(message.problem);
    CHECK(ca.seen[0].post);
    CHECK(message.type == MessageType::pkcs_req);
    CHECK(message.csr->subject_text() == "CN=router-1,O=Test");
    CHECK(message.csr->challenge_password()->reveal() == "secret123");
    CHECK(message.csr->alt_names().size() == 1);
    CHECK(message.cipher == crypto::ContentCipher::aes128_cbc);
    CHECK(message.digest == crypto::Digest::sha256);
    CHECK(message.signing_time);
    CHECK(message.attributes.transaction_id->size() == 32);
    CHECK(message.attributes.sender_nonce->size() == 16);
    CHECK(message.signer->subject_der() == message.csr->subject_der());
    CHECK(message.signer->carries(message.csr->public_key()));
    CHECK(message.signer->not_before() <= test_time() - std::chrono::hours(23));
    CHECK(message.signer->not_after() >= test_time() + std::chrono::hours(24 * 36));
    REQUIRE(bench.host.saved.size() == 1);
    CHECK(bench.host.saved[0].state == Checkpoint::about_to_send);
    CHECK(bench.host.saved[0].messages_before == 0);
    CHECK(bench.host.saved[0].transaction_id == *message.attributes.transaction_id);
    CHECK(bench.host.saved[0].token.size() < 64 * 1024);
    CHECK_FALSE(contains(bench.host.saved[0].token, "PRIVATE"));
    CHECK_FALSE(contains(bench.host.saved[0].token, "secret123"));
  }
}

TEST_CASE("nothing is sent when the checkpoint cannot be made durable") {
  ScriptedCa ca = ScriptedCa::single();
  Bench bench(ca);
  bench.host.refuse_checkpoint = true;
  CHECK(bench.failure().code == "disk-full");
  CHECK(ca.seen.empty());
}

//
TEST_CASE("a refusal comes with the server's own words and what usually causes it", "[SCEP-090][SCEP-116]") {
  ScriptedCa ca = ScriptedCa::single();
  Bench bench(ca);
  ca.script.push_back(ca.fail(FailInfo::bad_request, "falsches Paßwort\x1B[31m", 400, "Request was rejected: I18N_X"));
  const EnrollOutcome outcome = bench.enroll();
  REQUIRE(outcome.state == EnrollState::rejected);
  CHECK(outcome.reason.code == "rejected");
  CHECK(outcome.reason.retry == RetryClass::never);
  CHECK(contains(outcome.reason.message, "badRequest"));
  CHECK(contains(outcome.reason.message, "falsches Paßwort"));
  CHECK_FALSE(contains(outcome.reason.message, "\x1B"));
  CHECK(contains(outcome.reason.message, "I18N_X"));
  CHECK(contains(outcome.reason.hint, "challenge"));
  CHECK_FALSE(contains(outcome.reason.message + outcome.reason.hint, "secret123"));
}

TEST_CASE("FAILURE and PENDING without content are read in all three forms", "[SCEP-061][SCEP-063][SCEP-117]") {
  for (const auto form : {scep::NoContent::absent, scep::NoContent::zero_length, scep::NoContent::zero_byte}) {
    ScriptedCa ca = ScriptedCa::with_ra();
    ca.no_content = form;
    Bench bench(ca);
    ca.script = {ca.fail(FailInfo::bad_alg), ca.pending()};
    CHECK(bench.enroll().state == EnrollState::rejected);
    CHECK(bench.enroll().state == EnrollState::pending);
  }
}

TEST_CASE("pending: polls with the same transaction until the certificate is there; the CA saw one request",
          "[SCEP-082][SCEP-118][SCEP-174][SCEP-175]") {
  ScriptedCa ca = ScriptedCa::with_ra();
  Bench bench(ca);
  ca.script = {ca.pending(), ca.pending(), ca.issued_earlier()};
  const EnrollOutcome first = bench.enroll();
  REQUIRE(first.state == EnrollState::pending);
  CHECK(contains(first.display, first.transaction_id));
  CHECK(first.transaction_id == *ca.seen[0].request.attributes.transaction_id);
  CHECK(bench.host.saved.back().state == Checkpoint::awaiting);
  CHECK(bench.resume(ResumeReason::pending).state == EnrollState::pending);
  check_issued(bench, bench.resume(ResumeReason::pending));
  CHECK(bench.steps() == Words{"new", "20", "20"});
  for (const auto& seen : ca.seen) CHECK(seen.request.attributes.transaction_id == first.transaction_id);
  CHECK(ca.seen[1].request.poll->subject_der == ca.seen[0].request.csr->subject_der());
}

TEST_CASE("pending: a refusal ends it, an error of the web server does not") {
  ScriptedCa ca = ScriptedCa::single();
  Bench bench(ca);
  ca.script = {ca.pending(), ScriptedCa::http(503, "busy"), ca.fail(FailInfo::bad_request, "denied")};
  CHECK(bench.enroll().state == EnrollState::pending);
  CHECK(Bench::error_of([&] { bench.resume(ResumeReason::pending); }).code == "http-error");
  const EnrollOutcome end = bench.resume(ResumeReason::last_poll);
  REQUIRE(end.state == EnrollState::rejected);
  CHECK(contains(end.reason.message, "denied"));
  CHECK(bench.steps() == Words{"new", "20", "20"});
}

TEST_CASE("with a clock that is not trusted the time is left out and validity not judged") {
  ScriptedCa ca = ScriptedCa::single();
  Bench bench(ca);
  bench.host.trusted = false;
  check_issued(bench, bench.enroll());
  CHECK_FALSE(ca.seen[0].request.signing_time);
  bench.host.time = TimePoint(std::chrono::hours(1));  // 1970
  check_issued(bench, bench.enroll());
  CHECK(ca.seen[1].request.signer->not_before() < test_time());
  CHECK(ca.seen[1].request.signer->not_after() > test_time() + std::chrono::hours(24 * 365));
}

//
TEST_CASE("a clock behind the certificate in service: the time is left out of the renewal, not sent wrong") {
  ScriptedCa ca = ScriptedCa::single();
  Bench bench(ca);
  bench.renew();
  bench.host.time = crypto::Certificate::from_pem(bench.current.certificate_pem).not_before() - std::chrono::seconds(5);
  check_issued(bench, bench.enroll());
  CHECK_FALSE(ca.seen[0].request.signing_time);
}

TEST_CASE("transaction_id: key is a hash of the key, and refused with a key that is kept", "[SCEP-083]") {
  ScriptedCa ca = ScriptedCa::single();
  Bench bench(ca);
  bench.settings.transaction_ids = scep::TransactionIds::key;
  ca.script = {ca.fail(FailInfo::bad_alg), ca.fail(FailInfo::bad_alg)};
  bench.enroll();
  bench.enroll();
  CHECK(ca.seen[0].request.attributes.transaction_id == ca.seen[1].request.attributes.transaction_id);
  CHECK(ca.seen[0].request.attributes.transaction_id->size() == 64);
  bench.renew();
  bench.request.key_is_current = true;
  CHECK(bench.failure().code == "bad-option");
}

TEST_CASE("a reply by a new RA, met while resuming, is accepted after its certificate was fetched and verified") {
  ScriptedCa ca = ScriptedCa::single();
  Bench bench(ca);
  ca.script = {ca.pending(), ca.issued_earlier()};
  CHECK(bench.enroll().state == EnrollState::pending);
  crypto::RaSpec ra;
  ra.subject = {{"CN", "New RA", false}};
  ra.not_before = test_time() - std::chrono::hours(1);
  ra.not_after = test_time() + std::chrono::hours(24);
  const crypto::Issuer fresh{crypto::make_ra(ca.issuer(), rsa_key(4), ra), rsa_key(4)};
  ca.set.push_back(fresh.certificate);
  ca.script.front() = [&](const scep::ReceivedRequest& request) {
    const crypto::Issuer before = ca.responder();
    ca.rename_responder(fresh);
    scep::HttpReply reply = ca.issued_earlier()(request);
    ca.rename_responder(before);
    return reply;
  };
  check_issued(bench, bench.resume(ResumeReason::pending));
}

TEST_CASE("tokens: kept small, damage is named") {
  ScriptedCa ca = ScriptedCa::single();
  Bench bench(ca);
  crypto::RaSpec ra;
  ra.not_before = test_time() - std::chrono::hours(1);
  ra.not_after = test_time() + std::chrono::hours(24);
  for (int i = 0; i < 50; ++i) {
    ra.subject = {{"CN", std::string(60, 'x'), false}, {"OU", std::to_string(i) + std::string(50, 'y'), false}};
    ca.set.push_back(crypto::make_ra(ca.issuer(), rsa_key(5), ra));
  }
  ca.script = {ScriptedCa::unreachable()};
  CHECK(bench.failure().code == "ca-unreachable");
  CHECK(bench.host.saved.back().token.size() <= 64 * 1024);
  for (const char* token : {"", "{}", "[]", "{\"format\":2}", "not json"})
    CHECK(Bench::error_of([&] {
            scep::Enrollment(bench.settings, ca, bench.request, bench.host).resume(token, ResumeReason::pending);
          }).code == "token-damaged");
}

TEST_CASE("options: the defaults of the table, and what cannot work is refused when the plugin is made", "[SCEP-001]") {
  using contract::options;
  TestHost host;
  const auto made = [&](std::initializer_list<std::pair<std::string, OptionValue>> given) {
    return scep::read_settings(options(CERTCTL_KIND_ENROLLER, "scep", given));
  };
  const std::pair<std::string, OptionValue> url{"url", std::string("https://pki.example/scep")};
  const scep::Settings settings = made({url});
  CHECK(settings.legacy == scep::Legacy::receive);
  CHECK(settings.timeout == std::chrono::seconds(60));
  CHECK(settings.max_reply == 4 << 20);
  CHECK_FALSE(settings.cipher);
  CHECK_FALSE(settings.pin.configured());
  CHECK_FALSE(settings.allow_ec);
  const auto refused = [&](std::initializer_list<std::pair<std::string, OptionValue>> given) {
    return Bench::error_of(
        [&] { contract::instance<EnrollerApi>("scep", options(CERTCTL_KIND_ENROLLER, "scep", given), host); });
  };
  CHECK(refused({url}).code.empty());
  CHECK(refused({{"url", std::string("pki.example/scep")}}).code == "bad-option");
  CHECK(refused({{"url", std::string("http:///scep")}}).code == "bad-option");
  CHECK(refused({{"url", std::string("http://h/a b")}}).code == "bad-option");
  CHECK(refused({url, {"renewal_challenge", std::string("always")}}).code == "bad-option");
  CHECK(refused({url, {"ca_fingerprint", std::vector<std::string>{"12"}}}).code == "bad-option");
  CHECK(refused({url, {"cipher", std::string("des")}}).code == "algorithm-refused");
  CHECK(refused({url, {"cipher", std::string("des")}, {"legacy", std::string("allow")}}).code.empty());
  CHECK(refused({url, {"timeout", std::chrono::seconds(0)}}).code == "bad-option");
}

TEST_CASE("README.md and sample.yaml name every option") {
  for (const char* name : {"README.md", "sample.yaml"}) {
    const std::string text = contract::Scratch::read(std::string(CERTCTL_SOURCE_DIR "/enrollers/scep/") + name);
    for (const OptionSpec& option : scep::kOptions) {
      INFO(name << ": " << option.name);
      CHECK(contains(
          text, std::string(name) == "README.md" ? "`" + std::string(option.name) : option.name + std::string(":")));
    }
  }
}
