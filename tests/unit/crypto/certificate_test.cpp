#include "framework/crypto/certificate.hpp"
#include "framework/crypto/der.hpp"
#include "framework/crypto/digest.hpp"
#include "framework/crypto/name.hpp"
#include "framework/crypto/self_signed.hpp"
#include "tests/unit/crypto/openssl_program.hpp"
#include "tests/unit/crypto/scene.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>

using namespace certctl;
using namespace certctl::crypto;
using namespace crypto_test;

namespace {

Certificate with_serial(const Bytes& serial) {
  CaSpec spec = ca_spec("/CN=Serial");
  spec.serial = serial;
  return make_root_ca(ec_key(), spec);
}

std::string openssl_field(const Certificate& certificate, const std::string& option) {
  const std::string line = openssl({"x509", "-noout", option}, certificate.to_pem());
  return line.substr(line.find('=') + 1, line.size() - line.find('=') - 2);
}

// Replaces the first occurrence of some octets by as many others.
Bytes patched(Bytes der, const Bytes& from, const Bytes& to) {
  const auto at = std::search(der.begin(), der.end(), from.begin(), from.end());
  REQUIRE(at != der.end());
  REQUIRE(from.size() == to.size());
  std::copy(to.begin(), to.end(), at);
  return der;
}

}  // namespace

TEST_CASE("serial numbers are shown exactly as openssl shows them") {
  for (const char* serial : {"00", "01", "7f", "0080", "00ff", "80", "ff", "8000", "ff7f", "0100",
                             "11ff3faa993b23e3bda8", "00d0e1f2a3b4c5d6e7f8091a2b3c4d5e6f70819200",
                             "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                             "8000000000000000000000000000000000000000000000000000000000000001"}) {
    INFO(serial);
    const Certificate certificate = with_serial(hex(serial));
    CHECK(certificate.serial() == openssl_field(certificate, "-serial"));
    CHECK(certificate.serial_octets() == hex(serial));
  }
  CHECK(with_serial(hex("ff7f")).serial() == "-81");
  CHECK(with_serial(hex("0f")).serial() == "0F");
}

TEST_CASE("fields equal what openssl prints") {
  const Certificate certificate = leaf(root(),
                                       "/DC=org/O=Gr\xC3\xB6\xC3\x9F"
                                       "e, Ltd/CN=a",
                                       rsa_key(1));
  CHECK("subject=" + certificate.subject_text() + "\n" ==
        openssl({"x509", "-noout", "-subject", "-nameopt", "RFC2253,-esc_msb,utf8"}, certificate.to_pem()));
  CHECK(certificate.issuer_text() == "CN=Root,O=Test");
  std::string fingerprint = openssl({"x509", "-noout", "-fingerprint", "-sha256"}, certificate.to_pem());
  fingerprint = fingerprint.substr(fingerprint.find('=') + 1, 95);
  fingerprint.erase(std::remove(fingerprint.begin(), fingerprint.end(), ':'), fingerprint.end());
  CHECK(certificate.fingerprint() == "sha256:" + hex_lower(hex(fingerprint)));
  CHECK(certificate.sha1_fingerprint() == hex_lower(sha1(certificate.der())));
  CHECK(certificate.common_names() == std::vector<std::string>{"a"});
  CHECK(certificate.not_before() == day(0));
  CHECK(certificate.not_after() == day(365));
  CHECK(openssl_field(certificate, "-enddate") == "Jan  1 00:00:00 2031 GMT");
  CHECK(certificate.key_type() == PublicKeyType::rsa);
  CHECK(certificate.carries(rsa_key(1)));
  CHECK_FALSE(certificate.carries(rsa_key(0)));
  CHECK_FALSE(certificate.carries(ec_key()));
  CHECK_FALSE(certificate.carries(nullptr));
  CHECK(certificate.public_key().same_public_key(rsa_key(1)));
  CHECK_FALSE(certificate.is_ca());
  CHECK(root().certificate.is_ca());
  CHECK_FALSE(certificate.is_self_issued());
  CHECK(root().certificate.is_self_issued());
  CHECK(certificate.signed_by(root().certificate));
  CHECK_FALSE(root().certificate.signed_by(certificate));
  CHECK(certificate.key_usage() == (kDigitalSignature | kKeyEncipherment));
  CHECK_FALSE(certificate.extended_usages());
  CHECK(certificate.authority_key_id() == root().certificate.subject_key_id());
  CHECK(certificate.subject_key_id().size() == 20);
  CHECK_FALSE(certificate.extension("1.2.3.4"));
}

TEST_CASE("PEM goes both ways, alone and in bundles") {
  const Certificate one = leaf(root(), "/CN=one", ec_key(1));
  const std::string pem = one.to_pem();
  CHECK(pem == openssl({"x509"}, pem));
  CHECK(Certificate::from_pem(openssl({"x509", "-text"}, pem)) == one);
  CHECK(Certificate::from_pem(ec_key().to_pem_pkcs8().reveal() + pem) == one);
  const auto all = Certificate::all_from_pem(pem + "\nroot:\n" + root().certificate.to_pem());
  REQUIRE(all.size() == 2);
  CHECK(all[0] == one);
  CHECK(all[1] == root().certificate);
  CHECK(Certificate::all_from_pem("").empty());
  CHECK(code_of([] { (void)Certificate::from_pem(""); }) == "certificate-unreadable");
  CHECK(code_of([&] { (void)Certificate::from_pem(openssl({"x509", "-trustout"}, pem)); }) == "certificate-unreadable");
}

TEST_CASE("times before 1970 and until 9999 are read and written") {
  const auto lasting = [](TimePoint from, TimePoint to) {
    CaSpec spec = ca_spec("/CN=Times");
    spec.not_before = from;
    spec.not_after = to;
    return make_root_ca(ec_key(), spec);
  };
  using std::chrono::seconds;
  const Certificate old = lasting(TimePoint(seconds(-631152000)), TimePoint(seconds(2524608000)));
  CHECK(openssl_field(old, "-startdate") == "Jan  1 00:00:00 1950 GMT");
  CHECK(openssl_field(old, "-enddate") == "Jan  1 00:00:00 2050 GMT");
  CHECK(old.not_before() == TimePoint(seconds(-631152000)));
  CHECK(old.not_after_seconds() == 2524608000);
  const std::string parsed = openssl({"asn1parse"}, old.to_pem());
  CHECK(parsed.find("UTCTIME           :500101000000Z") != std::string::npos);
  CHECK(parsed.find("GENERALIZEDTIME   :20500101000000Z") != std::string::npos);

  const Bytes der = old.der();
  const auto replaced = [&](const std::string& time) {
    return Certificate::from_der(patched(der, bytes("20500101000000Z"), bytes(time)));
  };
  const Certificate last = replaced("99991231235959Z");  // RFC 5280 §4.1.2.5: never expires
  CHECK(last.not_after_seconds() == 253402300799);
  CHECK(last.not_after() > day(80000));
  CHECK(last.not_after() <= TimePoint::max());
  CHECK(openssl_field(last, "-enddate") == "Dec 31 23:59:59 9999 GMT");
  CHECK(replaced("00010101000000Z").not_after() < TimePoint(seconds(-5000000000)));
}

TEST_CASE("times that are none are refused when the certificate is read") {
  const Bytes der = leaf(root(), "/CN=x", ec_key(1)).der();
  for (const char* wrong :
       {"301301000000Z", "30010100000", "30010a000000Z", "999999999999Z", "\0\0\0\0\0\0\0\0\0\0\0\0\0"}) {
    std::string time(wrong);
    time.resize(13, '0');
    INFO(time);
    CHECK(code_of([&] { (void)Certificate::from_der(patched(der, bytes("300101000000Z"), bytes(time))); }) ==
          "certificate-unreadable");
  }
}

TEST_CASE("a certificate that is cut off, longer, huge or empty is refused") {
  const Bytes der = leaf(root(), "/CN=x", ec_key(1)).der();
  for (std::size_t size = 0; size < der.size(); ++size)
    REQUIRE(code_of([&] { (void)Certificate::from_der(BytesView(der).first(size)); }) == "certificate-unreadable");
  Bytes longer = der;
  longer.push_back(0);
  CHECK(message_of([&] { (void)Certificate::from_der(longer); }).find("after its end") != std::string::npos);
  CHECK(code_of([] { (void)Certificate::from_der(Bytes(kMaxCertificateBytes + 1, 0x30)); }) ==
        "certificate-unreadable");
  CHECK(code_of([] { (void)Certificate::from_x509(nullptr); }) == "internal");
}

TEST_CASE("a certificate with any octet changed never does harm") {
  const Certificate good = leaf(root(), "/CN=x", ec_key(1));
  const Bytes der = good.der();
  std::size_t read = 0;
  for (std::size_t place = 0; place < der.size(); ++place) {
    for (const std::uint8_t flip : Bytes{0x01, 0x80, 0xFF}) {
      Bytes damaged = der;
      damaged[place] ^= flip;
      try {
        const Certificate certificate = Certificate::from_der(damaged);
        ++read;
        CHECK((certificate == good) == (certificate.der() == der));
        const auto attempt = [](auto&& body) {
          try {
            (void)body();
          } catch (const Failure&) {
          }
        };
        attempt([&] { return certificate.serial(); });
        attempt([&] { return certificate.subject_text(); });
        attempt([&] { return certificate.issuer_text(); });
        attempt([&] { return certificate.key_usage(); });
        attempt([&] { return certificate.extended_usages(); });
        attempt([&] { return certificate.alt_name_texts(); });
        attempt([&] { return certificate.authority_key_id(); });
        attempt([&] { return certificate.public_key().description(); });
        CHECK_FALSE((certificate.signed_by(root().certificate) && certificate.der() != der &&
                     certificate.subject_der() != good.subject_der()));
      } catch (const Failure& failure) {
        CHECK(failure.error().code == "certificate-unreadable");
      }
    }
  }
  CHECK(read > 100);
}

TEST_CASE("a hostile subject and hostile names are shown without acting") {
  // Made by structure: neither we nor openssl req would write such a subject.
  const Bytes value = bytes(std::string("evil\n\x1b[31m\0.example", 19));
  const Bytes attribute = der_sequence({der_oid("2.5.4.3"), der_element(kTagUtf8String, value)});
  const Bytes subject = der_sequence({der_set_of({attribute})});
  const Certificate certificate = make_self_signed(subject, ec_key(), day(0), std::chrono::hours(24));
  CHECK(certificate.subject_text() == "CN=evil\\0A\\1B[31m\\00.example");
  CHECK(certificate.common_names().at(0).size() == 19);
  CHECK(certificate.subject_der() == subject);
}

TEST_CASE("an extension that is there twice is refused") {
  const TempDirectory directory;
  const std::string key = directory.write("key", ec_key().to_pem_pkcs8().reveal());
  const std::string config =
      directory.write("config",
                      "[req]\ndistinguished_name=dn\nx509_extensions=ext\nprompt=no\n[dn]\nCN=x\n[ext]\n"
                      "1.2.3.4=ASN1:NULL\n1.2.3.5=ASN1:NULL\n");
  const Certificate one = Certificate::from_pem(openssl({"req", "-new", "-x509", "-key", key, "-config", config}));
  CHECK(one.extension("1.2.3.4") == hex("0500"));
  const Certificate twice = Certificate::from_der(patched(one.der(), hex("06032a0305"), hex("06032a0304")));
  CHECK(code_of([&] { (void)twice.extension("1.2.3.4"); }) == "certificate-unreadable");
}

TEST_CASE("every certificate of the foreign vectors reads as openssl reads it") {
  int count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(CERTCTL_TEST_DATA "/scep")) {
    const std::string file = entry.path().filename().string();
    if (entry.path().extension() != ".pem") continue;
    const std::string pem = read_file(entry.path().string());
    if (pem.find("BEGIN CERTIFICATE") == std::string::npos) continue;
    INFO(entry.path().string());
    const Certificate certificate = Certificate::from_pem(pem);
    CHECK_FALSE(certificate.subject_text().empty());
    CHECK_FALSE(certificate.issuer_text().empty());
    CHECK(certificate.not_before() < certificate.not_after());
    (void)certificate.alt_name_texts();
    (void)certificate.key_usage();
    (void)certificate.extended_usages();
    if (count++ % 8 != 0) continue;  // a process each
    const std::string shown =
        openssl({"x509", "-noout", "-serial", "-subject", "-issuer", "-nameopt", "RFC2253,-esc_msb,utf8"}, pem);
    CHECK(shown == "serial=" + certificate.serial() + "\nsubject=" + certificate.subject_text() +
                       "\nissuer=" + certificate.issuer_text() + "\n");
  }
  CHECK(count > 300);
}
