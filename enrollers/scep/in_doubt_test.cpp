// Answers that were lost: polling, the same request again, the next step.
#include "enrollers/scep/test_bench.hpp"

using namespace certctl;
using namespace scep_test;
using scep::FailInfo;
using scep::MessageType;

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

//
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
