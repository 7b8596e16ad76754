// The check of an issuer's answer, row by row of the design's table.
#include <catch2/catch.hpp>

#include "framework/crypto/csr.hpp"
#include "framework/crypto/issue.hpp"
#include "framework/crypto/name.hpp"
#include "framework/crypto/usage.hpp"
#include "framework/engine/check.hpp"
#include "framework/engine/words.hpp"
#include "tests/unit/engine/moment.hpp"

using namespace certctl;
using namespace certctl::engine;
using test::kNow;

namespace {

const crypto::Key& ca_key() {
  static const crypto::Key key = crypto::Key::generate({KeyType::ec, 0, "P-256"});
  return key;
}
const crypto::Key& our_key() {
  static const crypto::Key key = crypto::Key::generate({KeyType::ec, 0, "P-256"});
  return key;
}
const crypto::Key& other_key() {
  static const crypto::Key key = crypto::Key::generate({KeyType::ec, 0, "P-256"});
  return key;
}

crypto::Issuer ca(const std::string& name, const crypto::Key& key = ca_key()) {
  crypto::CaSpec spec;
  spec.subject = {{"CN", name, false}};
  spec.not_before = time_point(kNow - 1000 * kDay);
  spec.not_after = time_point(kNow + 1000 * kDay);
  return {crypto::make_root_ca(key, spec), key};
}

// Issues what the fixture says and checks it.
struct AnswerFixture {
  crypto::Issuer issuer = ca("Test CA");
  CertificateRequest wanted;
  crypto::IssueSpec spec;
  crypto::Key signer_key = our_key();
  CheckInput input;
  std::optional<crypto::Certificate> old;
  AnswerFixture() {
    wanted.subject = {{"O", "Test", false}, {"CN", "router.example", false}};
    wanted.alt_names = {{AltNameKind::dns, "router.example"}, {AltNameKind::ip, "192.0.2.1"}};
    wanted.usage = {"digitalSignature", "serverAuth"};
    spec.not_before = time_point(kNow - 3600);
    spec.not_after = time_point(kNow + 90 * kDay);
    input.now = kNow;
    input.floor = kNow - 100 * kDay;
    input.anchors = {issuer.certificate};
  }
  crypto::Certificate issue() const {
    const auto csr = crypto::Csr::from_der(crypto::build_csr(wanted, signer_key, Secret()));
    return crypto::issue_certificate(issuer, csr, spec);
  }
  CheckResult check() {
    const crypto::Certificate issued = issue();
    return check(issued);
  }
  CheckResult check(const crypto::Certificate& issued) {
    const crypto::Key key = our_key();
    input.issued = &issued;
    input.key = &key;
    input.wanted = wanted;
    input.old = old ? &*old : nullptr;
    return check_answer(input);
  }
};

}  // namespace

TEST_CASE("what was asked for is accepted, and nothing differs") {
  AnswerFixture f;
  const CheckResult result = f.check();
  CHECK(result.verdict == Verdict::accept);
  CHECK(result.differs.empty());
  CHECK(result.warnings.empty());
}

TEST_CASE("what is refused, each with its own code") {
  AnswerFixture f;
  const auto refusal = [&] {
    const CheckResult result = f.check();
    CHECK(result.verdict == Verdict::refuse);
    CHECK_FALSE(result.refusal.message.empty());
    CHECK_FALSE(result.refusal.hint.empty());
    return result.refusal.code;
  };
  SECTION("another key") {
    f.spec.public_key = other_key();
    CHECK(refusal() == "other-key");
  }
  SECTION("a CA certificate") {
    f.spec.ca = true;
    CHECK(refusal() == "is-ca");
  }
  SECTION("no chain to the pin") {
    f.input.anchors = {ca("Other CA", other_key()).certificate};
    CHECK(refusal() == "no-chain");
  }
  SECTION("same name, other CA key") {
    f.input.anchors = {ca("Test CA", other_key()).certificate};
    const std::string code = refusal();
    CHECK((code == "bad-signature" || code == "no-chain"));  // by key identifier, or by trying
  }
  SECTION("expired") {
    f.spec.not_before = time_point(kNow - 2 * kDay);
    f.spec.not_after = time_point(kNow - kDay);
    CHECK(refusal() == "expired");
  }
  SECTION("the CA's certificate has expired") {
    f.input.now = kNow + 2000 * kDay;
    f.spec.not_before = time_point(f.input.now - kDay);
    f.spec.not_after = time_point(f.input.now + kDay);
    CHECK(refusal() == "expired");
  }
  SECTION("an end entity signed it") {
    f.spec.ca = false;
    const auto csr = crypto::Csr::from_der(crypto::build_csr(f.wanted, ca_key(), Secret()));
    const auto middle = crypto::issue_certificate(f.issuer, csr, f.spec);
    f.issuer = {middle, ca_key()};
    f.input.candidates = {middle};
    CHECK(refusal() == "chain-invalid");
  }
  SECTION("zero lifetime") {
    f.spec.not_before = f.spec.not_after;
    CHECK(refusal() == "expired");
  }
  SECTION("a foreign name") {
    f.spec.alt_names = {{AltNameKind::dns, "router.example"}, {AltNameKind::dns, "bank.example"}};
    CHECK(refusal() == "foreign-name");
  }
  SECTION("a wildcard") {
    f.spec.alt_names = {{AltNameKind::dns, "*.example"}};
    CHECK(refusal() == "foreign-name");
  }
  SECTION("missing names where the profile refuses them") {
    f.spec.alt_names = std::vector<AltName>{};
    f.input.names = config::NamesPolicy::refuse;
    CHECK(refusal() == "missing-name");
  }
}

TEST_CASE("the old certificate again is refused") {
  AnswerFixture f;
  f.old = f.issue();
  const CheckResult result = f.check(*f.old);
  CHECK(result.verdict == Verdict::refuse);
  CHECK(result.refusal.code == "same-certificate");
}

TEST_CASE("what is accepted and shown as different") {
  AnswerFixture f;
  SECTION("another subject") {
    f.spec.subject_der = crypto::name_der({{"CN", "router.example", false}, {"DC", "added", false}});
  }
  SECTION("missing names") {
    f.spec.alt_names = {{AltNameKind::dns, "router.example"}};
  }
  SECTION("missing usages") {
    f.spec.usage = crypto::parse_usage({"digitalSignature", "clientAuth"});
  }
  SECTION("a foreign name where names are ignored") {
    f.spec.alt_names = {
        {AltNameKind::dns, "router.example"}, {AltNameKind::ip, "192.0.2.1"}, {AltNameKind::dns, "bank.example"}};
    f.input.names = config::NamesPolicy::ignore;
  }
  const CheckResult result = f.check();
  CHECK(result.verdict == Verdict::accept);
  CHECK(result.differs.size() == 1);
}

TEST_CASE("the common name as a DNS name is no foreign name, whatever its case") {
  AnswerFixture f;
  f.wanted.alt_names.clear();
  f.spec.alt_names = {{AltNameKind::dns, "ROUTER.example"}};
  CHECK(f.check().verdict == Verdict::accept);
}

TEST_CASE("names of the certificate in service are not foreign") {
  AnswerFixture f;
  f.spec.alt_names = {{AltNameKind::dns, "router.example"}, {AltNameKind::dns, "old.example"}};
  f.spec.not_after = time_point(kNow + 10 * kDay);
  f.old = f.issue();
  f.spec.not_after = time_point(kNow + 90 * kDay);
  CHECK(f.check().verdict == Verdict::accept);
}

TEST_CASE("not valid yet: waits, with a warning above a day") {
  AnswerFixture f;
  f.spec.not_before = time_point(kNow + 3600);
  CHECK(f.check().verdict == Verdict::wait);
  CHECK(f.check().valid_from == kNow + 3600);
  CHECK(f.check().warnings.empty());
  f.spec.not_before = time_point(kNow + 2 * kDay);
  CHECK(f.check().verdict == Verdict::wait);
  CHECK(f.check().warnings.size() == 1);
}

TEST_CASE("a wrong clock judges neither notBefore nor the chain; notAfter is judged against the floor") {
  AnswerFixture f;
  f.input.clock_trusted = false;
  f.input.now = 3600;
  CHECK(f.check().verdict == Verdict::accept);
  f.spec.not_after = time_point(f.input.floor - kDay);
  f.spec.not_before = time_point(f.input.floor - 2 * kDay);
  CHECK(f.check().verdict == Verdict::refuse);
}

TEST_CASE("a threshold above half of the lifetime is accepted with a warning") {
  AnswerFixture f;
  f.input.renew.left = std::chrono::hours(24 * 60);
  const CheckResult result = f.check();
  CHECK(result.verdict == Verdict::accept);
  CHECK(result.warnings.size() == 1);
}

TEST_CASE("a certificate that ends no later than the old one is accepted and remembered as not extended") {
  AnswerFixture f;
  f.old = f.issue();
  const crypto::Certificate same_end = f.issue();
  CHECK(f.check(same_end).not_extended);
  f.spec.not_after = time_point(kNow + 91 * kDay);
  CHECK_FALSE(f.check().not_extended);
}

TEST_CASE("the chain is built from what came with the answer") {
  AnswerFixture f;
  const crypto::Issuer root = f.issuer;
  crypto::CaSpec spec;
  spec.subject = {{"CN", "Intermediate", false}};
  spec.not_before = time_point(kNow - 10 * kDay);
  spec.not_after = time_point(kNow + 500 * kDay);
  f.issuer = {crypto::make_intermediate_ca(root, other_key(), spec), other_key()};
  CHECK(f.check().verdict == Verdict::refuse);
  f.input.candidates = {root.certificate, f.issuer.certificate};
  const CheckResult result = f.check();
  CHECK(result.verdict == Verdict::accept);
  REQUIRE(result.chain.size() == 1);
  CHECK(result.chain[0].subject_text() == "CN=Intermediate");
}
