// Answers that must not be believed, that are only unusual, and that come in old algorithms.
#include "enrollers/scep/test_bench.hpp"

using namespace certctl;
using namespace scep_test;
using scep::FailInfo;
using scep::MessageType;

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

//
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
