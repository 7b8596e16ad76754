#include "framework/crypto/issue.hpp"
#include "framework/crypto/alt_name.hpp"
#include "framework/crypto/name.hpp"
#include "framework/crypto/self_signed.hpp"
#include "tests/unit/crypto/openssl_program.hpp"
#include "tests/unit/crypto/scene.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace certctl;
using namespace certctl::crypto;
using namespace crypto_test;

namespace {

IssueSpec year() {
  IssueSpec spec;
  spec.not_before = day(0);
  spec.not_after = day(365);
  return spec;
}

Csr router_request() {
  CertificateRequest wanted;
  wanted.subject = parse_subject("/O=Test/CN=router");
  wanted.alt_names = parse_alt_names("DNS:router.example IP:192.0.2.1");
  wanted.usage = {"digitalSignature", "clientAuth"};
  return Csr::from_der(build_csr(wanted, ec_key(1), Secret("x")));
}

}  // namespace

TEST_CASE("root, intermediate, RA and end entity are what openssl verifies") {
  const Issuer middle{make_intermediate_ca(root(), ec_key(0), ca_spec("/CN=Middle")), ec_key(0)};
  RaSpec ra_spec;
  ra_spec.subject = parse_subject("/CN=RA");
  ra_spec.not_before = day(0);
  ra_spec.not_after = day(100);
  ra_spec.key_usage = kKeyEncipherment;
  const Certificate ra = make_ra(middle, rsa_key(2), ra_spec);
  const Certificate end = issue_certificate(middle, router_request(), year());
  const TempDirectory directory;
  const std::string anchors = directory.write("root", root().certificate.to_pem());
  const std::string chain = directory.write("chain", middle.certificate.to_pem());
  const std::string at = std::to_string(std::chrono::system_clock::to_time_t(day(1)));
  for (const Certificate& one : {ra, end}) {
    const std::string file = directory.write("one", one.to_pem());
    CHECK(has(openssl({"verify", "-x509_strict", "-attime", at, "-CAfile", anchors, "-untrusted", chain, file}), "OK"));
  }
  CHECK(ra.key_usage() == kKeyEncipherment);
  CHECK_FALSE(ra.is_ca());

  const std::string shown = openssl({"x509", "-noout", "-text"}, end.to_pem());
  CHECK(has(shown, "DNS:router.example, IP Address:192.0.2.1"));
  CHECK(has(shown, "CA:FALSE"));
  CHECK(has(shown, "TLS Web Client Authentication"));
  CHECK_FALSE(has(shown, "Key Encipherment"));
  CHECK(end.carries(ec_key(1)));
  CHECK(end.subject_text() == "CN=router,O=Test");
}

TEST_CASE("what a CA may change of a request, it changes") {
  const Csr csr = router_request();
  IssueSpec spec = year();
  spec.subject_der = name_der(parse_subject("/DC=org/CN=other"));
  spec.serial = hex("00ff");
  spec.alt_names = std::vector<AltName>{};
  spec.usage = Usage{kKeyAgreement, {}};
  const Certificate changed = issue_certificate(root(), csr, spec);
  CHECK(changed.subject_text() == "CN=other,DC=org");
  CHECK(changed.serial() == "FF");
  CHECK(changed.alt_names().empty());
  CHECK(changed.key_usage() == kKeyAgreement);
  CHECK_FALSE(changed.extended_usages());

  spec = year();
  spec.ca = true;
  CHECK(issue_certificate(root(), csr, spec).is_ca());
  spec = year();
  spec.public_key = ec_key(2);
  CHECK(issue_certificate(root(), csr, spec).carries(ec_key(2)));
  spec = year();
  spec.not_after = day(-1);
  CHECK(issue_certificate(root(), csr, spec).not_after() < day(0));
}

TEST_CASE("serial numbers that CAs choose by themselves are positive and differ") {
  std::set<std::string> seen;
  for (int i = 0; i < 50; ++i) {
    const std::string serial = leaf(root(), "/CN=x", ec_key(1)).serial();
    CHECK(serial.size() == 32);
    CHECK(serial[0] != '-');
    seen.insert(serial);
  }
  CHECK(seen.size() == 50);
  IssueSpec wrong = year();
  wrong.serial = hex("000001");  // not the shortest form
  CHECK(code_of([&] { (void)issue_certificate(root(), router_request(), wrong); }) == "issue-failed");
}

TEST_CASE("a CRL is what openssl verifies and finds the serials in") {
  CrlSpec spec;
  spec.this_update = day(1);
  spec.next_update = day(8);
  spec.number = 0x80;
  spec.revoked = {{hex("00ff"), day(0), 1}, {hex("05"), day(1), std::nullopt}};
  const TempDirectory directory;
  const std::string file = directory.write("crl", text(make_crl(root(), spec)));
  const std::string ca = directory.write("ca", root().certificate.to_pem());
  const std::string shown = openssl({"crl", "-inform", "DER", "-in", file, "-CAfile", ca, "-noout", "-text"});
  CHECK(has(shown, "Serial Number: FF"));
  CHECK(has(shown, "Serial Number: 05"));
  CHECK(has(shown, "Key Compromise"));
  CHECK(has(shown, "Version 2"));
  CHECK(has(shown, "128"));
  spec.revoked.clear();
  CHECK(has(openssl({"crl", "-inform", "DER", "-noout", "-text"}, text(make_crl(root(), spec))),
            "No Revoked Certificates"));
}

TEST_CASE("the self-signed signer has the request's subject and what RFC 8894 wants of it", "[SCEP-011][SCEP-012]") {
  const Bytes subject = router_request().subject_der();
  for (const Key& key : {rsa_key(1), ec_key(1)}) {
    const bool rsa = key.type() == PublicKeyType::rsa;
    const Certificate signer = make_self_signed(subject, key, day(5), std::chrono::hours(24 * 37));
    CHECK(signer.subject_der() == subject);
    CHECK(signer.issuer_der() == subject);
    CHECK(signer.signed_by(signer));
    CHECK(signer.carries(key));
    CHECK(signer.key_usage() == (rsa ? kDigitalSignature | kKeyEncipherment : kDigitalSignature));
    CHECK(signer.not_before() == day(4));
    CHECK(signer.not_after() == day(42));
    CHECK(signer.serial()[0] != '-');
    CHECK(signer.serial() != make_self_signed(subject, key, day(5), std::chrono::hours(1)).serial());
    const TempDirectory directory;
    const std::string file = directory.write("signer", signer.to_pem());
    CHECK(has(openssl({"verify", "-attime", std::to_string(std::chrono::system_clock::to_time_t(day(6))), "-CAfile",
                       file, "-check_ss_sig", "-partial_chain", file}),
              "OK"));
  }
  // A router whose clock stands at the epoch, and one far in the future.
  const Certificate early = make_self_signed(subject, ec_key(1), TimePoint{}, std::chrono::hours(24 * 7));
  CHECK(early.not_before_seconds() == -86400);
  const Certificate late = make_self_signed(subject, ec_key(1), day(80000), std::chrono::hours(24));
  CHECK(late.not_after() == day(80001));
  CHECK(code_of([] { (void)make_self_signed(Bytes{0x30}, ec_key(1), day(0), std::chrono::hours(1)); }) ==
        "self-signed-failed");
}

TEST_CASE("keys that bring their own digest sign requests and certificates too") {
  const Key key = Key::from_pem(openssl({"genpkey", "-algorithm", "ED25519"}));
  CHECK(key.type() == PublicKeyType::other);
  CHECK(request("/CN=x", key).verify());
  const Certificate signer = make_self_signed(name_der(parse_subject("/CN=x")), key, day(0), std::chrono::hours(1));
  CHECK(signer.key_type() == PublicKeyType::other);
  CHECK(signer.signed_by(signer));
}
