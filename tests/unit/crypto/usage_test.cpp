#include "framework/crypto/usage.hpp"
#include "framework/crypto/csr.hpp"
#include "tests/unit/crypto/openssl_program.hpp"
#include "tests/unit/crypto/scene.hpp"

#include <catch2/catch.hpp>

using namespace certctl;
using namespace certctl::crypto;
using namespace crypto_test;

namespace {

const std::vector<std::string> kAllBits{"digitalSignature", "nonRepudiation", "keyEncipherment",
                                        "dataEncipherment", "keyAgreement",   "keyCertSign",
                                        "cRLSign",          "encipherOnly",   "decipherOnly"};

}  // namespace

TEST_CASE("usages are what openssl builds from the same names") {
  const std::string extended =
      "serverAuth,clientAuth,codeSigning,emailProtection,timeStamping,OCSPSigning,ipsecIKE,1.3.6.1.4.1.99999.7";
  for (std::size_t count = 1; count <= kAllBits.size(); ++count) {
    std::vector<std::string> names(kAllBits.begin(), kAllBits.begin() + static_cast<std::ptrdiff_t>(count));
    std::string list;
    for (const auto& name : names) list += (list.empty() ? "" : ",") + name;
    const TempDirectory directory;
    const std::string key = directory.write("key", ec_key().to_pem_pkcs8().reveal());
    const std::string config = directory.write(
        "config", "[req]\ndistinguished_name=dn\nreq_extensions=ext\nprompt=no\n[dn]\nCN=x\n[ext]\nkeyUsage=" + list +
                      "\nextendedKeyUsage=" + extended + "\n");
    const Csr theirs = Csr::from_pem(openssl({"req", "-new", "-key", key, "-config", config}));
    for (const char* name : {"serverAuth", "clientAuth", "codeSigning", "emailProtection", "timeStamping",
                             "OCSPSigning", "ipsecIKE", "1.3.6.1.4.1.99999.7"})
      names.emplace_back(name);
    const Usage usage = parse_usage(names);
    INFO(list);
    CHECK(theirs.extension("2.5.29.15")->value == key_usage_der(usage.key_usage));
    CHECK(theirs.extension("2.5.29.37")->value == extended_usage_der(usage.extended));
    CHECK(theirs.key_usage() == usage.key_usage);
    CHECK(theirs.extended_usages() == usage.extended);
    CHECK(usage_names(usage) == names);
  }
}

TEST_CASE("second names, other case and repetition mean the same") {
  const Usage usage = parse_usage({"contentCommitment", "NONREPUDIATION", "ServerAuth", "1.3.6.1.5.5.7.3.1"});
  CHECK(usage.key_usage == kNonRepudiation);
  CHECK(usage.extended == std::vector<std::string>{"1.3.6.1.5.5.7.3.1"});
}

TEST_CASE("an unknown usage is a failure for good that names it") {
  CHECK(code_of([] { (void)parse_usage({"serverauthentication"}); }) == "usage-unknown");
  CHECK(code_of([] { (void)parse_usage({""}); }) == "usage-unknown");
  CHECK(code_of([] { (void)parse_usage({"1.2."}); }) == "usage-unknown");
  CHECK(message_of([] { (void)parse_usage({"foo\n"}); }) == "unknown key usage 'foo\\0A'");
}

TEST_CASE("what a certificate lacks of the wanted usages") {
  const auto certificate = [](const std::vector<std::string>& usage) {
    IssueSpec spec;
    spec.not_before = day(0);
    spec.not_after = day(10);
    spec.usage = parse_usage(usage);
    return issue_certificate(root(), request("/CN=x", ec_key()), spec);
  };
  using List = std::vector<std::string>;
  CHECK(missing_usages(certificate({"digitalSignature", "serverAuth"}),
                       {"digitalSignature", "keyEncipherment", "serverAuth", "clientAuth"}) ==
        List{"keyEncipherment", "clientAuth"});
  CHECK(missing_usages(certificate({}), {"digitalSignature", "serverAuth"}).empty());  // nothing is restricted
  CHECK(missing_usages(certificate({"anyExtendedKeyUsage"}), {"serverAuth"}).empty());
}

TEST_CASE("malformed usages are refused") {
  for (const char* wrong : {"", "0300", "030208ff", "0402ff00", "030107ff"})
    CHECK(code_of([&] { (void)key_usage_from_der(hex(wrong)); }) == "malformed-message");
  CHECK(key_usage_from_der(hex("03020780")) == kDigitalSignature);
  CHECK(key_usage_from_der(hex("0303070080")) == kDecipherOnly);
  CHECK(key_usage_from_der(hex("030100")) == 0);
  for (const char* wrong : {"", "3002", "30020500", "30020600"})
    CHECK(code_of([&] { (void)extended_usage_from_der(hex(wrong)); }) == "malformed-message");
}
