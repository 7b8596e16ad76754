// The enroller against a scripted CA: both ladders, checkpoints, the pin, and every answer that must not be believed.
#include "enrollers/scep/enrollment.hpp"
#include "enrollers/scep/lookups.hpp"
#include "enrollers/scep/server.hpp"
#include "enrollers/scep/test_scripted_ca.hpp"
#include "framework/crypto/chain.hpp"
#include "tests/contract/instance.hpp"
#include "tests/contract/test_host.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace certctl;
using namespace scep_test;
using scep::FailInfo;
using scep::MessageType;

namespace {

scep::Settings settings_for(const ScriptedCa& ca, bool challenge = true) {
  scep::Settings settings;
  settings.url = "http://ca.test/scep";
  settings.pin.fingerprints = {scep::fingerprint_of(ca.anchor(), scep::Fingerprint::Hash::sha256)};
  if (challenge) settings.challenge.inline_text = Secret("secret123");
  return settings;
}

// One profile at work: settings, request and host together.
struct Bench {
  explicit Bench(ScriptedCa& scripted, bool challenge = true)
      : ca(scripted), settings(settings_for(scripted, challenge)) {
    request.wanted.subject = {{"O", "Test", false}, {"CN", "router-1", false}};
    request.wanted.alt_names = {{AltNameKind::dns, "router-1.example"}};
    request.key = rsa_key(10).get();
    request.signer_lifetime = std::chrono::hours(24 * 37);
    host.messages = [this] { return ca.seen.size(); };
  }

  // Makes the request a renewal of a certificate that this CA issued.
  void renew(bool usable = true) {
    const crypto::Csr csr = crypto::Csr::from_der(crypto::build_csr(
        {{{"O", "Rewritten by the CA", false}, {"CN", "router-1", false}}, {}, {}, {}}, rsa_key(11), {}));
    const int before = ca.certificates;
    current.certificate_pem = ca.issue_for(csr).to_pem();
    ca.certificates = before;
    for (const auto& certificate : ca.inside) current.chain_pem.push_back(certificate.to_pem());
    request.action = EnrollAction::renew;
    request.current = &current;
    request.current_key = rsa_key(11).get();
    request.current_usable = usable;
  }

  EnrollOutcome enroll() { return scep::Enrollment(settings, ca, request, host).begin(); }
  EnrollOutcome resume(ResumeReason reason) {
    return scep::Enrollment(settings, ca, request, host).resume(host.saved.back().token, reason);
  }
  Error failure() {
    return error_of([&] { (void)enroll(); });
  }

  template <class Body>
  static Error error_of(Body&& body) {
    try {
      body();
    } catch (const Failure& failure) {
      return failure.error();
    }
    return {};
  }
  [[nodiscard]] std::vector<std::string> steps() const {  // "17", "17c", "19", "19c", "new"; "20"
    std::vector<std::string> words;
    for (const auto& seen : ca.seen) {
      const scep::ReceivedRequest& message = seen.request;
      std::string word = message.attributes.message_type.value_or("?");
      if (word == "19" && message.signer_self_issued) word = "new";
      if (word != "new" && message.csr && message.csr->challenge_password()) word += "c";
      words.push_back(word);
    }
    return words;
  }

  ScriptedCa& ca;
  scep::Settings settings;
  TestHost host;
  Credential current;
  EnrollRequest request;
};

using Words = std::vector<std::string>;

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

void check_issued(const Bench& bench, const EnrollOutcome& outcome) {
  REQUIRE(outcome.state == EnrollState::issued);
  const auto leaf = crypto::Certificate::from_pem(outcome.certificate_pem);
  CHECK(leaf.carries(bench.request.key));
  std::vector<crypto::Certificate> set;
  std::vector<crypto::Certificate> anchors;
  for (const auto& pem : outcome.ca_set_pem) set.push_back(crypto::Certificate::from_pem(pem));
  for (const auto& pem : outcome.anchors_pem) anchors.push_back(crypto::Certificate::from_pem(pem));
  CHECK(anchors == std::vector<crypto::Certificate>{bench.ca.anchor()});
  CHECK_NOTHROW(crypto::build_path(leaf, set, anchors, test_time()));
}

}  // namespace

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

TEST_CASE("the pin: every spelling of the right fingerprint, and both fingerprints in the error of a wrong one",
          "[SCEP-001][SCEP-004][SCEP-006][SCEP-007]") {
  ScriptedCa ca = ScriptedCa::with_ra();
  const std::string hex = scep::fingerprint_of(ca.anchor(), scep::Fingerprint::Hash::sha256).hex;
  std::string colons;
  std::string blanks;
  std::string upper;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    colons += (i == 0 ? "" : ":") + hex.substr(i, 2);
    blanks += (i % 8 == 0 && i != 0 ? " " : "") + hex.substr(i, 2);
  }
  for (const char c : hex) upper += static_cast<char>(std::toupper(c));
  for (const std::string& text :
       {hex, upper, colons, blanks, "sha256:" + hex, "SHA-256 Fingerprint=" + colons, "SHA256:" + upper,
        scep::text_of(scep::fingerprint_of(ca.anchor(), scep::Fingerprint::Hash::sha1)),
        scep::text_of(scep::fingerprint_of(ca.anchor(), scep::Fingerprint::Hash::sha512))}) {
    INFO(text);
    Bench bench(ca);
    bench.settings.pin.fingerprints = {scep::parse_fingerprint(std::string(64, '0')), scep::parse_fingerprint(text)};
    CHECK(bench.enroll().state == EnrollState::issued);
  }
  Bench bench(ca);
  std::string wrong = hex;
  wrong[10] = wrong[10] == '0' ? '1' : '0';
  bench.settings.pin.fingerprints = {scep::parse_fingerprint(wrong)};
  const std::size_t before = ca.seen.size();
  const Error error = bench.failure();
  CHECK(error.code == "ca-not-trusted");
  CHECK(error.retry == RetryClass::never);
  CHECK(contains(error.message, wrong));
  CHECK(contains(error.message, hex));
  CHECK(ca.seen.size() == before);
  CHECK(bench.host.saved.empty());
}

TEST_CASE("fingerprints that cannot be any are refused by name") {
  CHECK_THROWS_WITH(scep::parse_fingerprint("d41d8cd98f00b204e9800998ecf8427e"), Catch::Contains("MD5"));
  CHECK_THROWS_WITH(scep::parse_fingerprint("abcd"), Catch::Contains("4"));
  CHECK_THROWS_WITH(scep::parse_fingerprint("xyz"), Catch::Contains("not a fingerprint"));
  CHECK_THROWS_WITH(scep::parse_fingerprint("sha1:" + std::string(64, 'a')), Catch::Contains("length"));
}

TEST_CASE("the pin: a fingerprint of the RA's certificate is no pin") {
  ScriptedCa ca = ScriptedCa::with_ra();
  Bench bench(ca);
  bench.settings.pin.fingerprints = {scep::fingerprint_of(ca.responder().certificate, scep::Fingerprint::Hash::sha256)};
  CHECK(contains(bench.failure().message, "no CA"));
}

TEST_CASE("the pin: without one, the error shows the fingerprint to compare", "[SCEP-001][SCEP-007][SCEP-139]") {
  ScriptedCa ca = ScriptedCa::single();
  Bench bench(ca);
  bench.settings.pin = {};
  for (const char* url : {"http://ca.test/scep", "https://ca.test/scep"}) {
    bench.settings.url = url;
    const Error error = bench.failure();
    CHECK(error.code == "no-pin");
    CHECK(contains(error.message, scep::fingerprint_of(ca.anchor(), scep::Fingerprint::Hash::sha256).hex));
  }
}

TEST_CASE("the pin: an added RA certificate that the pinned CA did not issue gets no request and may not answer",
          "[SCEP-008][SCEP-154]") {
  ScriptedCa ca = ScriptedCa::single();
  ScriptedCa stranger = ScriptedCa::with_ra();
  ca.set.insert(ca.set.begin(), stranger.responder().certificate);
  Bench bench(ca);
  check_issued(bench, bench.enroll());  // encrypted to the CA, else it could not read it
  ca.rename_responder({ca.issuer().certificate, ca.issuer().key});
  ca.seen.clear();
  bench.host.saved.clear();
  ca.script.push_back([&](const scep::ReceivedRequest& request) {
    ca.rename_responder(stranger.responder());
    return ca.issue()(request);
  });
  CHECK(bench.failure().code == "signer-unknown");
}

TEST_CASE("trust on first use: warned, remembered, and another CA is refused afterwards") {
  ScriptedCa ca = ScriptedCa::with_ra();
  Bench bench(ca);
  bench.settings.pin = {};
  bench.settings.pin.trust_on_first_use = true;
  const EnrollOutcome first = bench.enroll();
  REQUIRE(first.state == EnrollState::issued);
  REQUIRE(first.memory);
  CHECK(first.memory->size() <= 1024);
  CHECK(std::any_of(first.warnings.begin(), first.warnings.end(),
                    [](const std::string& line) { return contains(line, "first use"); }));
  bench.request.memory = *first.memory;
  const EnrollOutcome again = bench.enroll();
  CHECK(again.state == EnrollState::issued);
  CHECK(again.warnings.empty());

  ScriptedCa other = ScriptedCa::single();
  Bench elsewhere(other);
  elsewhere.settings = bench.settings;
  elsewhere.request.memory = *first.memory;
  CHECK(elsewhere.failure().code == "ca-not-trusted");
  CHECK(other.seen.empty());
}

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

TEST_CASE("renewal: RenewalReq with the subject as issued, the names of the profile, signed by the old certificate",
          "[SCEP-013][SCEP-016]") {
  ScriptedCa ca = ScriptedCa::with_ra();
  Bench bench(ca);
  bench.renew();
  const EnrollOutcome outcome = bench.enroll();
  check_issued(bench, outcome);
  CHECK_FALSE(outcome.self_signed_request);
  CHECK(bench.steps() == Words{"17"});
  const scep::ReceivedRequest& message = ca.seen[0].request;
  CHECK(message.csr->subject_text() == "CN=router-1,O=Rewritten by the CA");
  CHECK(message.csr->alt_names().size() == 1);
  CHECK(message.signer->to_pem() == bench.current.certificate_pem);
  bench.settings.profile_subject_on_renewal = true;
  bench.enroll();
  CHECK(ca.seen[1].request.csr->subject_text() == "CN=router-1,O=Test");
}

TEST_CASE(
    "renewal ladder: each refused step leads to the next, with its own transaction and checkpoint; it is remembered",
    "[SCEP-021][SCEP-082]") {
  ScriptedCa ca = ScriptedCa::single();
  Bench bench(ca);
  bench.renew();
  ca.script = {ca.fail(FailInfo::bad_request), ca.fail(FailInfo::bad_message_check), ca.fail(FailInfo::bad_cert_id)};
  const EnrollOutcome outcome = bench.enroll();
  check_issued(bench, outcome);
  CHECK(bench.steps() == Words{"17", "17c", "19", "19c"});
  REQUIRE(bench.host.saved.size() == 4);
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < 4; ++i) {
    ids.push_back(bench.host.saved[i].transaction_id);
    CHECK(ids.back() == ca.seen[i].request.attributes.transaction_id);
    CHECK(bench.host.saved[i].messages_before == i);
  }
  std::sort(ids.begin(), ids.end());
  CHECK(std::unique(ids.begin(), ids.end()) == ids.end());

  ca.seen.clear();
  bench.request.memory = outcome.memory.value();
  check_issued(bench, bench.enroll());
  CHECK(bench.steps() == Words{"19c"});
}

TEST_CASE("renewal ladder: which steps there are", "[SCEP-013][SCEP-015][SCEP-020][SCEP-021]") {
  const auto words = [](scep::LadderInput input) {
    Words list;
    for (const scep::Step step : scep::renewal_ladder(input)) list.emplace_back(scep::word_of(step));
    return list;
  };
  scep::LadderInput input;
  input.renewal_announced = true;
  input.has_challenge = true;
  input.current_usable = true;
  CHECK(words(input) == Words{"17", "17c", "19", "19c"});
  input.renewal_announced = false;
  CHECK(words(input) == Words{"19", "19c"});
  input.message = scep::RenewalMessage::renewal_req;
  CHECK(words(input) == Words{"17", "17c"});
  input.message = scep::RenewalMessage::pkcs_req;
  input.renewal_announced = true;
  CHECK(words(input) == Words{"19", "19c"});
  input.message = scep::RenewalMessage::by_capability;
  input.challenge = scep::RenewalChallenge::never;
  CHECK(words(input) == Words{"17", "19"});
  input.challenge = scep::RenewalChallenge::always;
  CHECK(words(input) == Words{"17c", "19c"});
  input.challenge = scep::RenewalChallenge::as_needed;
  input.has_challenge = false;
  CHECK(words(input) == Words{"17", "19"});
  input.has_challenge = true;
  input.remembered = scep::Step::pkcs_req;
  CHECK(words(input) == Words{"19", "17", "17c", "19c"});
  input.remembered.reset();
  input.current_of_this_ca = false;
  CHECK(words(input) == Words{"17", "17c", "19", "19c", "new"});
  input.current_usable = false;
  CHECK(words(input) == Words{"new"});
}

TEST_CASE("renewal ladder: not after PENDING, badAlg or badTime; after 400 and 501 without a message it goes on") {
  for (const FailInfo reason : {FailInfo::bad_alg, FailInfo::bad_time}) {
    ScriptedCa ca = ScriptedCa::single();
    Bench bench(ca);
    bench.renew();
    ca.script = {ca.fail(reason)};
    CHECK(bench.enroll().state == EnrollState::rejected);
    CHECK(bench.steps() == Words{"17"});
  }
  ScriptedCa ca = ScriptedCa::single();
  Bench bench(ca);
  bench.renew();
  ca.script = {ca.pending()};
  CHECK(bench.enroll().state == EnrollState::pending);
  CHECK(bench.steps() == Words{"17"});
  ca.seen.clear();
  ca.script = {ScriptedCa::http(400, "bad"), ScriptedCa::http(501, "not implemented")};
  CHECK(bench.enroll().state == EnrollState::issued);
  CHECK(bench.steps() == Words{"17", "17c", "19"});
}

TEST_CASE("renewal ladder: an expired certificate leads to a self-signed request with the challenge", "[SCEP-010]") {
  ScriptedCa ca = ScriptedCa::single();
  Bench bench(ca);
  bench.renew(false);
  const EnrollOutcome outcome = bench.enroll();
  check_issued(bench, outcome);
  CHECK(outcome.self_signed_request);
  CHECK(bench.steps() == Words{"new"});
  CHECK(ca.seen[0].request.csr->challenge_password());
}

TEST_CASE("renewal ladder: a certificate of another CA leads there after four messages, in the next run",
          "[SCEP-014]") {
  ScriptedCa old_ca = ScriptedCa::with_ra();
  Bench old_bench(old_ca);
  old_bench.renew();
  ScriptedCa ca = ScriptedCa::single();
  Bench bench(ca);
  bench.renew();
  bench.current = old_bench.current;
  for (int i = 0; i < 4; ++i) ca.script.push_back(ca.fail(FailInfo::bad_request));
  const EnrollOutcome outcome = bench.enroll();
  REQUIRE(outcome.state == EnrollState::rejected);
  CHECK(outcome.reason.retry == RetryClass::later);
  CHECK(bench.steps() == Words{"17", "17c", "19", "19c"});
  ca.seen.clear();
  bench.request.memory = outcome.memory.value();
  check_issued(bench, bench.enroll());
  CHECK(bench.steps() == Words{"new"});
}

TEST_CASE("no connection at all is not in doubt") {
  ScriptedCa ca = ScriptedCa::single();
  Bench bench(ca);
  ca.script = {ScriptedCa::unreachable()};
  CHECK(bench.failure().code == "ca-unreachable");
  REQUIRE(bench.host.saved.size() == 2);
  CHECK(bench.host.saved[1].state == Checkpoint::not_sent);

  ca.reachable = false;
  bench.host.saved.clear();
  CHECK(bench.failure().code == "ca-unreachable");
  CHECK(bench.host.saved.empty());  // not even begun
}

TEST_CASE("in doubt: a lost answer is fetched by polling for the same transaction", "[SCEP-190][SCEP-193]") {
  ScriptedCa ca = ScriptedCa::single();
  Bench bench(ca);
  ca.script = {ca.issue_and_lose(), ca.issued_earlier()};
  check_issued(bench, bench.enroll());
  CHECK(bench.steps() == Words{"new", "20"});
  CHECK(ca.seen[0].request.attributes.transaction_id == ca.seen[1].request.attributes.transaction_id);
}

TEST_CASE("in doubt: a server that cannot poll gets the same request again, with fresh nonce and time",
          "[SCEP-091][SCEP-190]") {
  for (const bool by_http : {true, false}) {
    ScriptedCa ca = ScriptedCa::single();
    Bench bench(ca);
    ca.script = {ScriptedCa::http(500, "oops"),
                 by_http ? ScriptedCa::http(500, "not implemented") : ca.fail(FailInfo::bad_cert_id)};
    check_issued(bench, bench.enroll());
    CHECK(bench.steps() == Words{"new", "20", "new"});
    const auto& first = ca.seen[0].request;
    const auto& again = ca.seen[2].request;
    CHECK(first.attributes.transaction_id == again.attributes.transaction_id);
    CHECK(first.attributes.sender_nonce != again.attributes.sender_nonce);
    CHECK(first.csr->der() == again.csr->der());
    CHECK(first.signer->der() == again.signer->der());
    CHECK(ca.seen[0].raw != ca.seen[2].raw);
  }
}

TEST_CASE("in doubt: after a deadline nothing more is sent in this run", "[SCEP-192]") {
  ScriptedCa ca = ScriptedCa::single();
  Bench bench(ca);
  ca.script = {ScriptedCa::lost("deadline"), ca.issued_earlier()};
  CHECK(bench.failure().code == "deadline");
  CHECK(bench.steps() == Words{"new"});
  CHECK(bench.host.saved.back().state == Checkpoint::about_to_send);
  check_issued(bench, bench.resume(ResumeReason::in_doubt));
}

TEST_CASE("in doubt: a refusal of the repeated request is its answer, and speaks of a challenge that may be used up",
          "[SCEP-191]") {
  ScriptedCa ca = ScriptedCa::single();
  Bench bench(ca);
  ca.script = {ca.issue_and_lose(), ScriptedCa::http(500, "no"), ca.fail(FailInfo::bad_request)};
  const EnrollOutcome outcome = bench.enroll();
  REQUIRE(outcome.state == EnrollState::rejected);
  CHECK(contains(outcome.reason.hint, "used up"));
}

TEST_CASE("in doubt: unanswered again, the next run polls and takes the next step; never more than four messages a run",
          "[SCEP-190]") {
  ScriptedCa ca = ScriptedCa::single();
  Bench bench(ca);
  bench.renew();
  ca.script = {ScriptedCa::lost(), ScriptedCa::http(500, "no"), ScriptedCa::lost()};
  CHECK(bench.failure().code == "reply-lost");
  CHECK(bench.steps() == Words{"17", "20", "17"});
  CHECK(std::none_of(bench.host.saved.begin(), bench.host.saved.end(),
                     [](const auto& saved) { return saved.state == Checkpoint::not_sent; }));
  ca.seen.clear();
  ca.script = {ScriptedCa::http(500, "no")};
  check_issued(bench, bench.resume(ResumeReason::in_doubt));
  CHECK(bench.steps() == Words{"20", "17c"});
  CHECK(ca.seen[0].request.attributes.transaction_id != ca.seen[1].request.attributes.transaction_id);
}

TEST_CASE("in doubt: no connection in a later run leaves it in doubt, and the same request is still to be repeated") {
  ScriptedCa ca = ScriptedCa::single();
  Bench bench(ca);
  ca.script = {ScriptedCa::http(502, "bad gateway")};
  CHECK(bench.failure().code == "http-error");
  CHECK(bench.steps() == Words{"new"});
  const std::size_t saved = bench.host.saved.size();
  ca.script = {ScriptedCa::unreachable()};
  CHECK(Bench::error_of([&] { bench.resume(ResumeReason::in_doubt); }).code == "ca-unreachable");
  CHECK(bench.host.saved.size() == saved);
  ca.script = {ScriptedCa::http(500, "no"), ScriptedCa::unreachable()};
  CHECK(Bench::error_of([&] { bench.resume(ResumeReason::in_doubt); }).code == "ca-unreachable");
  CHECK(bench.host.saved.back().state != Checkpoint::not_sent);
  ca.seen.clear();
  ca.script = {ScriptedCa::http(500, "no")};
  check_issued(bench, bench.resume(ResumeReason::in_doubt));
  CHECK(bench.steps() == Words{"20", "new"});
}

TEST_CASE("answers that must not be believed end in an error and leave the request in doubt",
          "[SCEP-085][SCEP-087][SCEP-093]") {
  struct Row {
    const char* code;
    std::function<void(scep::ReplyFaults&)> set;
  };
  const Row rows[] = {
      {"wrong-nonce", [](auto& f) { f.wrong_recipient_nonce = true; }},
      {"wrong-nonce", [](auto& f) { f.omit_recipient_nonce = true; }},
      {"wrong-transaction", [](auto& f) { f.wrong_transaction_id = true; }},
      {"wrong-transaction", [](auto& f) { f.omit_transaction_id = true; }},
      {"signature-invalid", [](auto& f) { f.corrupt_signature = true; }},
      {"signature-invalid", [](auto& f) { f.omit_content_type = true; }},
      {"signature-invalid", [](auto& f) { f.omit_message_digest = true; }},
      {"protocol-error", [](auto& f) { f.message_type = "19"; }},
      {"protocol-error", [](auto& f) { f.pki_status = "1"; }},
  };
  for (const Row& row : rows) {
    INFO(row.code);
    ScriptedCa ca = ScriptedCa::single();
    row.set(ca.faults);
    Bench bench(ca);
    const Error error = bench.failure();
    CHECK(error.code == row.code);
    CHECK_FALSE(error.hint.empty());
    CHECK(ca.seen.size() == 1);
    CHECK(bench.host.saved.back().state == Checkpoint::about_to_send);
  }
}

TEST_CASE("answers that are only unusual are believed", "[SCEP-069][SCEP-094]") {
  const std::vector<std::function<void(scep::ReplyFaults&)>> rows{
      [](auto& f) { f.omit_signer_certificate = true; }, [](auto& f) { f.combined_signature_oid = true; },
      [](auto& f) { f.omit_sender_nonce = true; }, [](auto& f) { f.omit_signing_time = true; },
      [](auto& f) { f.sender_nonce_is_recipient_nonce = true; }};
  for (const auto& set : rows) {
    ScriptedCa ca = ScriptedCa::with_ra();
    set(ca.faults);
    Bench bench(ca);
    check_issued(bench, bench.enroll());
  }
  ScriptedCa ca = ScriptedCa::single();
  ca.faults.omit_recipient_nonce = true;
  Bench bench(ca);
  bench.settings.ignore_nonce = true;
  check_issued(bench, bench.enroll());
}

TEST_CASE("a certificate for another key is the answer: the engine refuses it, and nothing stays in doubt") {
  ScriptedCa ca = ScriptedCa::single();
  Bench bench(ca);
  ca.script = {ca.issue_to(rsa_key(12))};
  const EnrollOutcome outcome = bench.enroll();
  CHECK(outcome.state == EnrollState::issued);
  CHECK(crypto::Certificate::from_pem(outcome.certificate_pem).carries(rsa_key(12)));
}

TEST_CASE("a web page, an empty body, and garbage say what came and what to do") {
  ScriptedCa ca = ScriptedCa::single();
  Bench bench(ca);
  ca.script = {ScriptedCa::http(200, "<html><body>Login</body></html>", "text/html; charset=utf-8"),
               ScriptedCa::http(200, ""),
               ScriptedCa::http(200, std::string("\x30\x82\x01\x00garbage", 11), "application/x-pki-message"),
               ScriptedCa::http(404, "<html>nginx</html>", "text/html", "Not Found"),
               ScriptedCa::http(503, "database\nis down", "text/plain", "Service Unavailable")};
  Error error = bench.failure();
  CHECK(error.code == "not-scep");
  CHECK(contains(error.message, "web page"));
  CHECK(contains(error.hint, "url"));
  error = bench.failure();
  CHECK(contains(error.message, "empty"));
  error = bench.failure();
  CHECK(contains(error.message, "no SCEP message"));
  error = bench.failure();
  CHECK(error.code == "http-error");
  CHECK(error.retry == RetryClass::never);
  CHECK(contains(error.message, "404"));
  error = bench.failure();
  CHECK(contains(error.message, "503 Service Unavailable"));
  CHECK(contains(error.message, "database is down"));
  CHECK(error.retry == RetryClass::later);
}

TEST_CASE("a server without capabilities gets GET, 3DES and SHA-1, with warnings; or nothing",
          "[SCEP-031][SCEP-045][SCEP-049][SCEP-050][SCEP-135]") {
  ScriptedCa ca = ScriptedCa::single();
  ca.capabilities_status = 404;
  ca.capabilities = "<html>404</html>";
  Bench bench(ca);
  const EnrollOutcome outcome = bench.enroll();
  check_issued(bench, outcome);
  CHECK_FALSE(ca.seen[0].post);
  CHECK(ca.seen[0].request.cipher == crypto::ContentCipher::des3_cbc);
  CHECK(ca.seen[0].request.digest == crypto::Digest::sha1);
  CHECK(outcome.warnings.size() >= 2);
  CHECK(contains(bench.host.log_text(), "URL of"));
  bench.settings.http = scep::HttpMethod::post;
  bench.enroll();
  CHECK(ca.seen[1].post);
  bench.settings.legacy = scep::Legacy::deny;
  const Error error = bench.failure();
  CHECK(error.code == "algorithm-refused");
  CHECK(ca.seen.size() == 2);
}

TEST_CASE("replies in single DES and SHA-1 are read with warnings, or refused", "[SCEP-032][SCEP-207]") {
  ScriptedCa ca = ScriptedCa::single();
  ca.reply_cipher = crypto::ContentCipher::des_cbc;
  ca.reply_digest = crypto::Digest::sha1;
  Bench bench(ca);
  const EnrollOutcome outcome = bench.enroll();
  check_issued(bench, outcome);
  CHECK(outcome.warnings.size() == 2);
  bench.settings.legacy = scep::Legacy::deny;
  CHECK(bench.failure().code == "algorithm-refused");
}

TEST_CASE("EC keys are refused before anything is sent; with allow_ec the challenge protects the reply",
          "[SCEP-101][SCEP-102]") {
  ScriptedCa ca = ScriptedCa::single();
  ca.challenge = Secret("secret123");
  Bench bench(ca);
  bench.request.key = ec_key().get();
  Error error = bench.failure();
  CHECK(error.code == "key-refused");
  CHECK(contains(error.hint, "allow_ec"));
  CHECK(ca.seen.empty());
  bench.settings.allow_ec = true;
  check_issued(bench, bench.enroll());
  bench.settings.challenge = {};
  CHECK(bench.failure().code == "key-refused");
  CHECK(ca.seen.size() == 1);
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

TEST_CASE("trust anchors, a certificate and a CRL can be looked up", "[SCEP-113][SCEP-114][SCEP-120]") {
  ScriptedCa ca = ScriptedCa::with_ra();
  Bench bench(ca);
  TrustAnchors anchors = scep::look_up_anchors(bench.settings, ca, {}, bench.host);
  CHECK(anchors.anchors_pem == std::vector<std::string>{ca.anchor().to_pem()});
  CHECK(anchors.ca_set_pem.size() == 2);
  CHECK(anchors.capabilities.size() == 4);
  CHECK(anchors.pin_problem.empty());
  bench.settings.pin.fingerprints = {scep::parse_fingerprint(std::string(64, 'a'))};
  anchors = scep::look_up_anchors(bench.settings, ca, {}, bench.host);
  CHECK(anchors.anchors_pem.empty());
  CHECK(contains(anchors.pin_problem, "aaaa"));

  Bench holder(ca);
  holder.renew();
  const auto held = crypto::Certificate::from_pem(holder.current.certificate_pem);
  const Bytes crl =
      crypto::make_crl(ca.issuer(), {test_time(), test_time() + std::chrono::hours(1), 1, {}, crypto::Digest::sha256});
  const auto answer = [&](const scep::ReceivedRequest& request, bool with_crl) {
    scep::ReplySpec spec;
    spec.transaction_id = *request.attributes.transaction_id;
    spec.recipient_nonce = *request.attributes.sender_nonce;
    spec.signer = &ca.responder().certificate;
    spec.signer_key = ca.responder().key.get();
    spec.recipient = &*request.signer;
    const std::vector<crypto::Certificate> certificates{held};
    const std::vector<Bytes> crls{crl};
    spec.content = with_crl ? crypto::build_certificates_only({}, crls) : crypto::build_certificates_only(certificates);
    return scep::HttpReply{200, "OK", "", scep::build_reply(spec)};
  };
  ca.script = {[&](const auto& request) { return answer(request, false); },
               [&](const auto& request) { return answer(request, true); }, ScriptedCa::http(500, "not implemented")};
  CHECK(scep::look_up_certificate(holder.settings, ca, held.serial(), holder.request, holder.host) == held.to_pem());
  CHECK(ca.seen[0].request.wanted->serial == held.serial_octets());
  CHECK(scep::look_up_crl(holder.settings, ca, holder.request, holder.host) == crl);
  CHECK(contains(Bench::error_of([&] { scep::look_up_crl(holder.settings, ca, holder.request, holder.host); }).hint,
                 "do not support"));
}

TEST_CASE("rollover: the next CA's certificates count only when the current CA signed them", "[SCEP-160][SCEP-162]") {
  ScriptedCa ca = ScriptedCa::single();
  ScriptedCa other = ScriptedCa::with_ra();
  Bench bench(ca);
  CHECK(Bench::error_of([&] { scep::look_up_next_anchors(bench.settings, ca, {}, {}, bench.host); }).code ==
        "http-error");
  ca.next = {other.anchor()};
  const std::vector<std::string> current{ca.anchor().to_pem()};
  CHECK(scep::look_up_next_anchors(bench.settings, ca, current, {}, bench.host) ==
        std::vector<std::string>{other.anchor().to_pem()});
  Bench elsewhere(other);
  CHECK(Bench::error_of([&] { scep::look_up_next_anchors(elsewhere.settings, ca, current, {}, bench.host); }).code ==
        "ca-not-trusted");
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
