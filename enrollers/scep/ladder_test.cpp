// The renewal ladder: which steps there are, and what leads from one to the next.
#include "enrollers/scep/test_bench.hpp"

using namespace certctl;
using namespace scep_test;
using scep::FailInfo;
using scep::MessageType;

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

//
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
  input.answer_needs_challenge = true;
  CHECK(words(input) == Words{"17c", "19c"});
  input.challenge = scep::RenewalChallenge::never;
  CHECK(words(input) == Words{"new"});
  input.challenge = scep::RenewalChallenge::as_needed;
  input.has_challenge = false;
  CHECK(words(input) == Words{"new"});
  input.has_challenge = true;
  input.answer_needs_challenge = false;
  input.current_of_this_ca = false;
  CHECK(words(input) == Words{"17", "17c", "19", "19c", "new"});
  input.current_usable = false;
  CHECK(words(input) == Words{"new"});
}

TEST_CASE("renewal ladder: the answer to an EC certificate needs the challenge from the first step on", "[SCEP-101]") {
  ScriptedCa ca = ScriptedCa::single();
  ca.challenge = Secret("secret123");
  Bench bench(ca);
  bench.settings.allow_ec = true;
  bench.renew(true, ec_key());
  bench.request.key = ec_key().get();
  bench.request.key_is_current = true;
  check_issued(bench, bench.enroll());
  CHECK(bench.steps() == Words{"17c"});

  // From EC back to RSA: without `allow_ec` the old certificate is left alone, and the request begins anew.
  ca.seen.clear();
  bench.settings.allow_ec = false;
  bench.request.key = rsa_key(10).get();
  bench.request.key_is_current = false;
  check_issued(bench, bench.enroll());
  CHECK(bench.steps() == Words{"new"});
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

// H40: it does not fit into the record of the open request, and the profile would be stuck for ever.
TEST_CASE("renewal ladder: a certificate that is too long to sign with leads there, too", "[SCEP-010]") {
  ScriptedCa ca = ScriptedCa::single();
  Bench bench(ca);
  bench.renew();
  const crypto::Csr csr = crypto::Csr::from_der(crypto::build_csr(bench.request.wanted, rsa_key(11), {}));
  crypto::IssueSpec spec;
  spec.not_before = test_time() - std::chrono::hours(1);
  spec.not_after = test_time() + std::chrono::hours(24 * 90);
  spec.more_extensions.push_back({"1.3.6.1.4.1.99999.1", false, Bytes(60'000, 0x05)});
  bench.current.certificate_pem = crypto::issue_certificate(ca.issuer(), csr, spec).to_pem();
  const EnrollOutcome outcome = bench.enroll();
  check_issued(bench, outcome);
  CHECK(outcome.self_signed_request);
  CHECK(bench.steps() == Words{"new"});
  CHECK(ca.seen[0].request.csr->challenge_password());
}

// H06, H11: an RA that does not fit is not used; the CA itself is there to encrypt to.
TEST_CASE("of the CA's certificates those that are too long are left out") {
  ScriptedCa ca = ScriptedCa::single();
  Bench bench(ca);
  crypto::IssueSpec spec;
  spec.not_before = test_time() - std::chrono::hours(1);
  spec.not_after = test_time() + std::chrono::hours(24 * 90);
  spec.usage = crypto::Usage{crypto::kDigitalSignature | crypto::kKeyEncipherment, {}};
  spec.more_extensions.push_back({"1.3.6.1.4.1.99999.1", false, Bytes(60'000, 0x05)});
  const crypto::Csr csr = crypto::Csr::from_der(crypto::build_csr(bench.request.wanted, rsa_key(12), {}));
  ca.set.push_back(crypto::issue_certificate(ca.issuer(), csr, spec));
  const EnrollOutcome outcome = bench.enroll();
  check_issued(bench, outcome);
  CHECK(std::any_of(outcome.warnings.begin(), outcome.warnings.end(),
                    [](const std::string& warning) { return warning.find("12288 bytes") != std::string::npos; }));
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
