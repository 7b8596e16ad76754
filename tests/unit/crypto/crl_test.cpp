#include "framework/crypto/crl.hpp"
#include "framework/crypto/issue.hpp"
#include "framework/crypto/name.hpp"
#include "framework/crypto/self_signed.hpp"
#include "tests/unit/crypto/openssl_program.hpp"
#include "tests/unit/crypto/scene.hpp"

#include <catch2/catch.hpp>

using namespace certctl;
using namespace certctl::crypto;
using namespace crypto_test;

namespace {

std::string_view as_text(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Certificate leaf(const char* subject, std::vector<std::string> addresses = {}) {
  CertificateRequest wanted;
  wanted.subject = parse_subject(subject);
  IssueSpec spec;
  spec.not_before = day(0);
  spec.not_after = day(365);
  spec.crl_addresses = std::move(addresses);
  return issue_certificate(root(), Csr::from_der(build_csr(wanted, ec_key(1), Secret("x"))), spec);
}

CrlSpec list_of(std::vector<RevokedCertificate> revoked) {
  CrlSpec spec;
  spec.this_update = day(1);
  spec.next_update = day(8);
  spec.revoked = std::move(revoked);
  return spec;
}

std::string code_of(std::string_view der) {
  try {
    (void)Crl::from_text(der);
  } catch (const Failure& failure) {
    return failure.error().code + ": " + failure.error().message;
  }
  return "accepted";
}

// A list that the openssl program makes, with one more extension.
std::string made_by_openssl(const std::string& extension) {
  const TempDirectory directory;
  const std::string certificate = directory.write("ca.pem", root().certificate.to_pem());
  const std::string key = directory.write("ca.key", root().key.to_pem_pkcs8().reveal());
  const std::string index = directory.write("index", "");
  const std::string configuration = directory.write(
      "conf", "[ca]\ndefault_ca=one\n[one]\ndatabase=" + index +
                  "\ndefault_md=sha256\ndefault_crl_days=9\ncrl_extensions=ext\n[ext]\nauthorityKeyIdentifier=keyid\n" +
                  extension + "\n[scope]\nfullname=URI:http://a.example/\nindirectCRL=TRUE\n[users]\nonlyuser=TRUE\n");
  return openssl({"ca", "-config", configuration, "-gencrl", "-cert", certificate, "-keyfile", key});
}

}  // namespace

TEST_CASE("a revocation list says who is in it, and whose it is") {
  const Certificate good = leaf("/CN=good"), bad = leaf("/CN=bad"), held = leaf("/CN=held"), back = leaf("/CN=back");
  const Bytes der = make_crl(root(), list_of({{bad.serial_octets(), day(1), 1},
                                              {held.serial_octets(), day(1), 6},
                                              {back.serial_octets(), day(1), 8}}));
  for (const std::string& form : {std::string(as_text(der)), Crl::from_text(as_text(der)).to_pem()}) {
    const Crl crl = Crl::from_text(form);
    CHECK(crl.der() == der);
    CHECK(crl.count() == 3);
    CHECK(crl.issuer_text() == root().certificate.subject_text());
    CHECK(crl.this_update() == std::chrono::system_clock::to_time_t(day(1)));
    CHECK(crl.next_update() == std::chrono::system_clock::to_time_t(day(8)));
    CHECK_FALSE(crl.find(good).has_value());
    REQUIRE(crl.find(bad).has_value());
    CHECK(crl.find(bad)->reason == "keyCompromise");
    CHECK(crl.find(bad)->at == std::chrono::system_clock::to_time_t(day(1)));
    CHECK(crl.find(held)->reason == "certificateHold");
    CHECK_FALSE(crl.find(back).has_value());
    CHECK(crl.signed_by(root().certificate));
    CHECK_FALSE(crl.signed_by(bad));
  }
  // openssl reads it too
  CHECK(openssl({"crl", "-noout", "-text"}, Crl::from_text(as_text(der)).to_pem()).find("Key Compromise") !=
        std::string::npos);
}

TEST_CASE("a signature of somebody with the issuer's name is not the issuer's") {
  CaSpec spec = ca_spec("/CN=x");
  spec.subject = root().certificate.subject();
  const Issuer other{make_root_ca(ec_key(2), spec), ec_key(2)};
  REQUIRE(other.certificate.subject_der() == root().certificate.subject_der());
  CHECK_FALSE(Crl::from_text(as_text(make_crl(other, list_of({})))).signed_by(root().certificate));
  Bytes flipped = make_crl(root(), list_of({}));
  flipped[flipped.size() - 20] ^= 1U;
  CHECK_FALSE(Crl::from_text(as_text(flipped)).signed_by(root().certificate));
}

TEST_CASE("a list that judges only a part is not taken for the whole") {
  CHECK(code_of(made_by_openssl("")) == "accepted");
  CHECK(code_of(made_by_openssl("issuingDistributionPoint=critical,@users")) == "accepted");
  CHECK(code_of(made_by_openssl("issuingDistributionPoint=critical,@scope")).find("only a part") != std::string::npos);
  CHECK(code_of(made_by_openssl("2.5.29.27=critical,DER:020101")).find("delta") != std::string::npos);
  CHECK(code_of(made_by_openssl("1.2.3.4=critical,DER:0500")).find("critical") != std::string::npos);
  CHECK(code_of(made_by_openssl("1.2.3.4=DER:0500")) == "accepted");
}

TEST_CASE("what is no list is refused in words") {
  CHECK(code_of("") != "accepted");
  CHECK(code_of("hello") != "accepted");
  CHECK(code_of(root().certificate.to_pem()).find("none in this PEM text") != std::string::npos);
  const Bytes der = make_crl(root(), list_of({}));
  CHECK(code_of(std::string(as_text(der)) + "x") != "accepted");
  for (std::size_t size = 0; size < der.size(); ++size) CHECK(code_of(as_text(der).substr(0, size)) != "accepted");
}

TEST_CASE("the addresses of lists, and nothing else, come out of a certificate") {
  const std::vector<std::string> good{"http://crl.example/a.crl", "https://crl.example/b.crl",
                                      "ldap://ldap.example/cn=CA?certificateRevocationList;binary"};
  std::vector<std::string> all = good;
  all.insert(all.begin() + 1, {"file:///etc/passwd", "http://a b", "http://x\r\nHost: y", "gopher://x", ""});
  CHECK(crl_addresses(leaf("/CN=x", all)) == good);
  CHECK(crl_addresses(leaf("/CN=x")).empty());
}
