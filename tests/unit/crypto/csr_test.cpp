#include "framework/crypto/csr.hpp"
#include "framework/crypto/alt_name.hpp"
#include "framework/crypto/der.hpp"
#include "framework/crypto/name.hpp"
#include "framework/crypto/usage.hpp"
#include "tests/unit/crypto/openssl_program.hpp"
#include "tests/unit/crypto/scene.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>

using namespace certctl;
using namespace certctl::crypto;
using namespace crypto_test;

namespace {

CertificateRequest full_request() {
  CertificateRequest wanted;
  wanted.subject = parse_subject("/DC=org/DC=Test Deployment/CN=router-1");
  wanted.alt_names = parse_alt_names("DNS:one.domain.com, email:my@other.address RID:1.2.3.4 IP:192.0.2.1");
  wanted.certificate_template = {"tls-client", TemplateString::bmp};
  wanted.usage = {"digitalSignature", "keyEncipherment", "serverAuth", "clientAuth"};
  return wanted;
}

// A request with one challengePassword of any string type, made by structure and signed by nobody.
Bytes with_challenge(std::uint8_t tag, const Bytes& content) {
  CertificateRequest wanted;
  wanted.subject = {{"CN", "x", false}};
  const Csr plain = Csr::from_der(build_csr(wanted, ec_key(), Secret("0123456789abcdef")));
  // Of the same length, so that no outer length changes.
  Bytes der = plain.der();
  const Bytes old = der_element(kTagPrintableString, bytes("0123456789abcdef"));
  const Bytes fresh = der_element(tag, content);
  REQUIRE(fresh.size() == old.size());
  const auto at = std::search(der.begin(), der.end(), old.begin(), old.end());
  REQUIRE(at != der.end());
  std::copy(fresh.begin(), fresh.end(), at);
  return der;
}

}  // namespace

TEST_CASE("a full request is what openssl reads, and verifies there", "[SCEP-018][SCEP-110]") {
  for (const Key& key : {rsa_key(), ec_key()}) {
    const Csr csr = Csr::from_der(build_csr(full_request(), key, Secret("secret 1")));
    const std::string shown = openssl({"req", "-noout", "-text", "-verify", "-nameopt", "RFC2253"}, csr.to_pem());
    for (const char* part :
         {"Version: 1 (0x0)", "CN=router-1,DC=Test Deployment,DC=org", "DNS:one.domain.com, email:my@other.address",
          "Registered ID:1.2.3.4, IP Address:192.0.2.1", "X509v3 Key Usage: critical",
          "Digital Signature, Key Encipherment", "TLS Web Server Authentication, TLS Web Client Authentication",
          "1.3.6.1.4.1.311.20.2", "challengePassword", ":secret 1"}) {
      INFO(part);
      CHECK(has(shown, part));
    }
    const std::string parsed = openssl({"asn1parse"}, csr.to_pem());
    CHECK(has(parsed, "PRINTABLESTRING   :secret 1"));

    CHECK(csr.verify());
    CHECK(csr.subject_text() == "CN=router-1,DC=Test Deployment,DC=org");
    CHECK(csr.public_key().same_public_key(key));
    CHECK(csr.alt_names().size() == 4);
    CHECK(csr.key_usage() == (kDigitalSignature | kKeyEncipherment));
    CHECK(csr.extended_usages() == std::vector<std::string>{"1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"});
    CHECK(csr.template_name() == "tls-client");
    REQUIRE(csr.challenge_password());
    CHECK(csr.challenge_password()->reveal() == "secret 1");
    CHECK(Csr::from_pem(csr.to_pem()).der() == csr.der());
  }
}

TEST_CASE("the smallest request has no attributes") {
  const Csr csr = request("/CN=x", ec_key());
  CHECK(csr.extensions().empty());
  CHECK_FALSE(csr.challenge_password());
  CHECK(csr.template_name().empty());
  CHECK(csr.key_usage() == 0);
  CHECK_FALSE(has(openssl({"req", "-noout", "-text"}, csr.to_pem()), "challengePassword"));
}

TEST_CASE("a request without a subject makes its alternative names critical") {
  CertificateRequest wanted;
  wanted.alt_names = {{AltNameKind::dns, "a.example"}};
  const Csr csr = Csr::from_der(build_csr(wanted, ec_key(), {}));
  CHECK(csr.extension("2.5.29.17")->critical);
  CHECK(csr.subject_text().empty());
  CHECK_FALSE(Csr::from_der(build_csr(full_request(), ec_key(), {})).extension("2.5.29.17")->critical);
}

TEST_CASE("the template is a BMPString or a UTF8String") {
  CertificateRequest wanted = full_request();
  wanted.certificate_template.name =
      "Gr\xC3\xB6\xC3\x9F"
      "e";
  const Csr bmp = Csr::from_der(build_csr(wanted, ec_key(), {}));
  CHECK(bmp.extension("1.3.6.1.4.1.311.20.2")->value == hex("1e0a0047007200f600df0065"));
  CHECK(bmp.template_name() == wanted.certificate_template.name);
  wanted.certificate_template.string = TemplateString::utf8;
  const Csr utf8 = Csr::from_der(build_csr(wanted, ec_key(), {}));
  CHECK(utf8.extension("1.3.6.1.4.1.311.20.2")->value.at(0) == kTagUtf8String);
  CHECK(utf8.template_name() == wanted.certificate_template.name);
  wanted.certificate_template = {"\xF0\x9F\x98\x80", TemplateString::bmp};
  CHECK(code_of([&] { (void)build_csr(wanted, ec_key(), {}); }) == "template-invalid");
}

//
TEST_CASE("a challenge is a PrintableString when it fits, else UTF-8") {
  const auto tag = [](const std::string& challenge) {
    return Csr::from_der(build_csr(full_request(), ec_key(), Secret(challenge))).challenge_tag();
  };
  CHECK(tag("abc 123 +-/.,:=?()'") == kTagPrintableString);
  CHECK(tag("abc_123") == kTagUtf8String);
  CHECK(tag("a@b") == kTagUtf8String);
  CHECK(tag("p\xC3\xA4ss") == kTagUtf8String);
  CHECK(code_of([] { (void)build_csr(full_request(), ec_key(), Secret("p\xE4ss")); }) == "challenge-invalid");
  const std::string message = message_of([] { (void)build_csr(full_request(), ec_key(), Secret("p\xE4ss")); });
  CHECK_FALSE(has(message, "ss\xE4"));
  CHECK_FALSE(has(message, "p\xE4"));
}

//
TEST_CASE("a challenge of every string type is read") {
  const auto challenge = [](std::uint8_t tag, const Bytes& content) {
    return Csr::from_der(with_challenge(tag, content)).challenge_password()->reveal();
  };
  CHECK(challenge(kTagIa5String, bytes("0123456789abc@_!")) == "0123456789abc@_!");
  CHECK(challenge(kTagUtf8String, bytes("0123456789abc\xC3\xB6!")) == "0123456789abc\xC3\xB6!");
  CHECK(challenge(kTagT61String, bytes("0123456789abcde\xF6")) == "0123456789abcde\xC3\xB6");
  CHECK(challenge(kTagBmpString, hex("00300031003200330034003500f62013")) == "012345\xC3\xB6\xE2\x80\x93");
  CHECK(code_of([&] { (void)challenge(kTagBmpString, hex("d800003100320033003400350036d800")); }) ==
        "malformed-message");
  CHECK(code_of([&] { (void)challenge(kTagUtf8String, Bytes(16, 0xFF)); }) == "malformed-message");
  CHECK(code_of([&] { (void)challenge(kTagOctetString, Bytes(16, 0x41)); }) == "malformed-message");
}

TEST_CASE("a renewal carries the subject as it was issued, octet for octet") {
  // PrintableString, which we would not write, in a multi-valued RDN
  const auto attribute = [](const char* type, const char* value) {
    return der_sequence({der_oid(type), der_element(kTagPrintableString, bytes(value))});
  };
  const Bytes issued = der_sequence(
      {der_set_of({attribute("2.5.4.6", "DE")}), der_set_of({attribute("2.5.4.3", "a"), attribute("2.5.4.11", "b")})});
  CsrOptions options;
  options.subject_der = issued;
  const Csr csr = Csr::from_der(build_csr(full_request(), ec_key(), {}, options));
  CHECK(csr.subject_der() == issued);
  CHECK(csr.verify());
  options.subject_der = hex("3005");
  CHECK(code_of([&] { (void)build_csr(full_request(), ec_key(), {}, options); }) == "csr-failed");
}

TEST_CASE("the digest of the signature can be chosen") {
  for (const auto& [digest, name] :
       {std::pair(Digest::sha1, "sha1WithRSAEncryption"), std::pair(Digest::sha256, "sha256WithRSAEncryption"),
        std::pair(Digest::sha512, "sha512WithRSAEncryption"), std::pair(Digest::md5, "md5WithRSAEncryption")}) {
    CsrOptions options;
    options.digest = digest;
    const Csr csr = Csr::from_der(build_csr(full_request(), rsa_key(), {}, options));
    CHECK(has(openssl({"req", "-noout", "-text"}, csr.to_pem()), std::string("Signature Algorithm: ") + name));
    CHECK(csr.verify());
  }
}

TEST_CASE("what cannot be asked for is a failure for good, before anything is signed") {
  CertificateRequest wanted = full_request();
  wanted.usage = {"nonsense"};
  CHECK(code_of([&] { (void)build_csr(wanted, ec_key(), {}); }) == "usage-unknown");
  wanted = full_request();
  wanted.subject = {{"C", "DEU", false}};
  CHECK(code_of([&] { (void)build_csr(wanted, ec_key(), {}); }) == "subject-invalid");
  wanted = full_request();
  wanted.alt_names = {{AltNameKind::ip, "1.2.3"}};
  CHECK(code_of([&] { (void)build_csr(wanted, ec_key(), {}); }) == "san-invalid");
  const Key public_half = Key::from_spki(ec_key().spki_der());
  CHECK(code_of([&] { (void)build_csr(full_request(), public_half, {}); }) == "csr-failed");
}

TEST_CASE("a request that is damaged is refused or does not verify", "[SCEP-204]") {
  const Bytes der = build_csr(full_request(), ec_key(), Secret("secret"));
  for (std::size_t size = 0; size < der.size(); ++size)
    REQUIRE(code_of([&] { (void)Csr::from_der(BytesView(der).first(size)); }) == "malformed-message");
  Bytes longer = der;
  longer.push_back(0);
  CHECK(code_of([&] { (void)Csr::from_der(longer); }) == "malformed-message");
  CHECK(code_of([] { (void)Csr::from_der(Bytes((256U << 10U) + 1, 0x30)); }) == "malformed-message");
  int parsed = 0;
  for (std::size_t place = 0; place < der.size(); ++place) {
    Bytes damaged = der;
    damaged[place] ^= 0x01;
    try {
      const Csr csr = Csr::from_der(damaged);
      ++parsed;
      INFO(place);
      CHECK_FALSE(csr.verify());
    } catch (const Failure& failure) {
      CHECK(failure.error().code == "malformed-message");
    }
  }
  CHECK(parsed > 50);
}

TEST_CASE("every certification request of the foreign vectors is read as its producer meant it") {
  int count = 0;
  int unsorted = 0;
  for (const auto& entry : std::filesystem::directory_iterator(CERTCTL_TEST_DATA "/scep")) {
    const auto path = entry.path() / "csr.der";
    if (!std::filesystem::exists(path)) continue;
    INFO(entry.path().string());
    const Csr csr = Csr::from_der(bytes(read_file(path.string())));
    const auto json = nlohmann::json::parse(read_file((entry.path() / "vector.json").string()));
    CHECK(csr.verify() == json.value("csr_signature_verifies", true));
    ++count;
    if (json.value("role", "") != "request" || !json.contains("subject_der")) continue;
    CHECK(csr.subject_der() == hex(json["subject_der"].get<std::string>()));
    if (json["subject"].get<std::string>().find('+') == std::string::npos)
      CHECK(csr.subject_text() == json["subject"].get<std::string>());
    const auto& challenge = json["challenge_password"];
    CHECK(csr.challenge_password().has_value() == !challenge.is_null());
    if (!challenge.is_null()) CHECK(csr.challenge_password()->reveal() == challenge.get<std::string>());
    for (const auto& extension : json["requested_extensions"]) {
      const RequestedExtension* found = csr.extension(extension["oid"].get<std::string>());
      REQUIRE(found != nullptr);
      CHECK(found->critical == extension["critical"].get<bool>());
      CHECK(found->value == hex(extension["value_der"].get<std::string>()));
    }
    std::vector<std::string> names;
    for (const AltName& name : csr.alt_names()) names.push_back(alt_name_text(name));
    std::vector<std::string> expected;
    for (const auto& name : json["sans"])
      if (!name.contains("value_der"))
        expected.push_back(name["type"].get<std::string>() + ":" + name["value"].get<std::string>());
    CHECK(names.size() == json["sans"].size());
    if (has(entry.path().string(), "all-sans")) {  // vector.json has these two in DER
      expected.emplace_back("otherName:1.3.6.1.4.1.311.20.2.3;UTF8:dev@corp.example.test");
      expected.emplace_back("dirName:/C=NZ/O=Test Org/CN=dirname san");
    }
    for (const std::string& name : expected) CHECK(std::find(names.begin(), names.end(), name) != names.end());
    if (has(entry.path().string(), "strongswan")) ++unsorted;
  }
  CHECK(count > 90);
  CHECK(unsorted > 3);
}
