// The pin: which CA is the right one.
#include "enrollers/scep/test_bench.hpp"
#include "tests/contract/ca_bundle.hpp"

using namespace certctl;
using namespace scep_test;
using scep::FailInfo;
using scep::MessageType;

//
TEST_CASE("the pin: every spelling of the right fingerprint, and both fingerprints in the error of a wrong one",
          "[SCEP-001][SCEP-004][SCEP-006][SCEP-007]") {
  ScriptedCa ca = ScriptedCa::with_ra();
  const std::string hex = trust::fingerprint_of(ca.anchor(), trust::Fingerprint::Hash::sha256).hex;
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
        trust::text_of(trust::fingerprint_of(ca.anchor(), trust::Fingerprint::Hash::sha1)),
        trust::text_of(trust::fingerprint_of(ca.anchor(), trust::Fingerprint::Hash::sha512))}) {
    INFO(text);
    Bench bench(ca);
    bench.settings.pin.fingerprints = {trust::parse_fingerprint(std::string(64, '0')), trust::parse_fingerprint(text)};
    CHECK(bench.enroll().state == EnrollState::issued);
  }
  Bench bench(ca);
  std::string wrong = hex;
  wrong[10] = wrong[10] == '0' ? '1' : '0';
  bench.settings.pin.fingerprints = {trust::parse_fingerprint(wrong)};
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
  CHECK_THROWS_WITH(trust::parse_fingerprint("d41d8cd98f00b204e9800998ecf8427e"), Catch::Contains("MD5"));
  CHECK_THROWS_WITH(trust::parse_fingerprint("abcd"), Catch::Contains("4"));
  CHECK_THROWS_WITH(trust::parse_fingerprint("xyz"), Catch::Contains("not a fingerprint"));
  CHECK_THROWS_WITH(trust::parse_fingerprint("sha1:" + std::string(64, 'a')), Catch::Contains("length"));
}

TEST_CASE("the pin: a fingerprint of the RA's certificate is no pin") {
  ScriptedCa ca = ScriptedCa::with_ra();
  Bench bench(ca);
  bench.settings.pin.fingerprints = {
      trust::fingerprint_of(ca.responder().certificate, trust::Fingerprint::Hash::sha256)};
  CHECK(contains(bench.failure().message, "no CA"));
}

TEST_CASE("the pin: a file with more CA certificates than a path is searched among, ours in it, or none that helps") {
  ScriptedCa ca = ScriptedCa::with_ra();
  Bench bench(ca);
  bench.settings.pin.fingerprints.clear();
  const contract::Scratch scratch;
  const auto use = [&](const std::optional<crypto::Certificate>& ours) {
    bench.settings.pin.ca_file =
        scratch.write("bundle.pem", contract::ca_bundle(rsa_key(12), bench.host.now(), ours)).string();
  };
  use(ca.anchor());
  check_issued(bench, bench.enroll());
  const auto enrolled = ca.seen.size();
  use({});
  CHECK(bench.failure().code == "ca-not-trusted");
  CHECK(ca.seen.size() == enrolled);
  bench.settings.pin.fingerprints = {trust::fingerprint_of(ca.anchor(), trust::Fingerprint::Hash::sha256)};
  check_issued(bench, bench.enroll());  // either is enough
}

TEST_CASE("the pin: without one, the error shows the fingerprint to compare", "[SCEP-001][SCEP-007][SCEP-139]") {
  ScriptedCa ca = ScriptedCa::single();
  Bench bench(ca);
  bench.settings.pin = {};
  for (const char* url : {"http://ca.test/scep", "https://ca.test/scep"}) {
    bench.settings.url = url;
    const Error error = bench.failure();
    CHECK(error.code == "no-pin");
    CHECK(contains(error.message, trust::fingerprint_of(ca.anchor(), trust::Fingerprint::Hash::sha256).hex));
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
