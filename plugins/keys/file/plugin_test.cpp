// The key provider as the host sees it; keys are checked by the `openssl` program.
#include "framework/crypto/key.hpp"
#include "tests/contract/instance.hpp"
#include "tests/contract/key_suite.hpp"
#include "tests/contract/test_host.hpp"
#include "tests/unit/crypto/openssl_program.hpp"

#include <certctl/plugin.hpp>

#include <catch2/catch.hpp>

using namespace certctl;
using crypto_test::openssl;
using crypto_test::openssl_fails;

namespace {

struct Provider {
  contract::HostFor<Host> host;
  contract::Made<KeyProviderApi> made = contract::instance<KeyProviderApi>("file", {}, host);
};

KeyRef key_ref(const std::string& pem) {
  return {"file", {}, Secret(pem)};
}

KeySpec ec(const std::string& curve) {
  return {KeyType::ec, 0, curve};
}

}  // namespace

TEST_CASE("made keys are exportable PKCS #8 that openssl accepts") {
  Provider provider;
  for (const KeySpec& spec : {KeySpec{}, KeySpec{KeyType::rsa, 3072, ""}, ec("P-256"), ec("P-384"), ec("P-521")}) {
    const KeyRef key = provider.made->generate(spec).value();
    CHECK(key.provider == "file");
    CHECK(key.exportable());
    CHECK(key.pem.reveal().rfind("-----BEGIN PRIVATE KEY-----\n", 0) == 0);
    const std::string text = openssl({"pkey", "-noout", "-text"}, key.pem.reveal());
    const std::string bits = spec.type == KeyType::rsa ? std::to_string(spec.bits) : spec.curve.substr(2);
    CHECK(text.find("Private-Key: (" + bits + " bit") != std::string::npos);
    CHECK(openssl({"pkey", "-noout", "-check"}, key.pem.reveal()).find("Key is valid") != std::string::npos);
    const KeyHandle handle = provider.made->load(key).value();
    CHECK(crypto::Key::from_borrowed(handle.get()).same_public_key(crypto::Key::from_pem(key.pem)));
  }
}

TEST_CASE("two keys are never the same") {
  Provider provider;
  const KeyRef one = provider.made->generate({}).value();
  const KeyRef two = provider.made->generate({}).value();
  CHECK_FALSE(crypto::Key::from_pem(one.pem).same_public_key(crypto::Key::from_pem(two.pem)));
}

TEST_CASE("sizes and curves outside the promise are refused for good") {
  Provider provider;
  for (const KeySpec& spec :
       {KeySpec{KeyType::rsa, 1024, ""}, KeySpec{KeyType::rsa, 2047, ""}, KeySpec{KeyType::rsa, 16384, ""},
        KeySpec{KeyType::rsa, -1, ""}, ec("P-224"), ec("secp256k1"), ec("")}) {
    const auto made = provider.made->generate(spec);
    REQUIRE_FALSE(made.ok());
    CHECK(made.error().code == "key-unsupported");
    CHECK(made.error().retry == RetryClass::never);
    CHECK_FALSE(made.error().hint.empty());
  }
}

TEST_CASE("keys of other programs load in all three forms") {
  Provider provider;
  const std::string rsa = openssl({"genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"});
  const std::string curve = openssl({"ecparam", "-name", "prime256v1", "-genkey"});  // EC PARAMETERS come first
  for (const std::string& pem : {rsa, openssl({"rsa", "-traditional"}, rsa), curve, openssl({"pkey"}, curve)}) {
    const auto handle = provider.made->load(key_ref(pem));
    REQUIRE(handle.ok());
  }
  CHECK(provider.host.state().log.empty());
}

TEST_CASE("an RSA key of 1024 bits loads with a warning, a shorter one not at all") {
  Provider provider;
  CHECK(provider.made->load(key_ref(openssl({"genrsa", "1024"}))).ok());
  CHECK(provider.host.state().logged("rsa 1024"));
  const auto shorter = provider.made->load(key_ref(openssl({"genrsa", "512"})));
  REQUIRE_FALSE(shorter.ok());
  CHECK(shorter.error().code == "key-unsupported");
}

TEST_CASE("what is no usable key is refused without quoting it") {
  Provider provider;
  const std::string good = provider.made->generate(ec("P-256")).value().pem.reveal();
  const std::string encrypted = openssl({"pkey", "-aes128", "-passout", "pass:x"}, good);
  const std::string old_encrypted = openssl({"ec", "-aes128", "-passout", "pass:x"}, good);
  for (const std::string& pem : {std::string("hello"), encrypted, old_encrypted, good.substr(0, good.size() / 2),
                                 openssl({"pkey", "-pubout"}, good)}) {
    const auto loaded = provider.made->load(key_ref(pem));
    REQUIRE_FALSE(loaded.ok());
    CHECK(loaded.error().code == "key-unreadable");
    CHECK(loaded.error().retry == RetryClass::never);
    CHECK(loaded.error().message.find("BEGIN") == std::string::npos);
  }
  const auto of_another = provider.made->load(KeyRef{"pkcs11", "pkcs11:token=x", {}});
  REQUIRE_FALSE(of_another.ok());
  CHECK(of_another.error().hint.find("pkcs11") != std::string::npos);
  const auto other_type = provider.made->load(key_ref(openssl({"genpkey", "-algorithm", "ED25519"})));
  REQUIRE_FALSE(other_type.ok());
  CHECK(other_type.error().code == "key-unsupported");
}

TEST_CASE("the key provider file keeps the promises of a key provider") {
  contract::KeySubject subject;
  subject.make = contract::linked<KeyProviderApi>("file");
  subject.options = contract::options(CERTCTL_KIND_KEY_PROVIDER, "file", {});
  subject.name = "file";
  subject.can = {{KeyType::rsa, 2048, ""}, ec("P-256"), ec("P-384"), ec("P-521")};
  subject.cannot = {{KeyType::rsa, 1024, ""}, ec("P-224")};
  subject.unreadable = {key_ref(""), key_ref("no key at all"), {"other", "pkcs11:token=x", Secret()}};
  contract::key_suite(subject);
}
