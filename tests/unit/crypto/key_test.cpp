#include "framework/crypto/key.hpp"
#include "framework/crypto/digest.hpp"
#include "framework/crypto/pem.hpp"
#include "tests/unit/crypto/openssl_program.hpp"
#include "tests/unit/crypto/scene.hpp"

#include <catch2/catch.hpp>

using namespace certctl;
using namespace certctl::crypto;
using namespace crypto_test;

TEST_CASE("keys that openssl made are read in every form, and written so that it reads them again") {
  const std::string rsa = openssl({"genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"});
  const std::string ec = openssl({"ecparam", "-name", "secp384r1", "-genkey"});
  const Key rsa_value = Key::from_pem(rsa);
  const Key ec_value = Key::from_pem(ec);
  CHECK(rsa_value.type() == PublicKeyType::rsa);
  CHECK(rsa_value.bits() == 2048);
  CHECK(rsa_value.description() == "rsa 2048");
  CHECK(rsa_value.curve().empty());
  CHECK(ec_value.type() == PublicKeyType::ec);
  CHECK(ec_value.bits() == 384);
  CHECK(ec_value.description() == "ec P-384");

  CHECK(rsa_value.to_pem_pkcs8().reveal() == rsa);
  CHECK(rsa_value.to_pem_traditional().reveal() == openssl({"rsa", "-traditional"}, rsa));
  CHECK(ec_value.to_pem_pkcs8().reveal() == openssl({"pkey"}, ec));
  CHECK(ec_value.to_pem_traditional().reveal() == openssl({"ec"}, ec));
  CHECK(Key::from_pem(rsa_value.to_pem_traditional()).same_public_key(rsa_value));
  CHECK(Key::from_pem(ec_value.to_pem_traditional()).same_public_key(ec_value));
  CHECK_FALSE(rsa_value.same_public_key(ec_value));

  CHECK(text(rsa_value.spki_der()) == openssl({"pkey", "-pubout", "-outform", "DER"}, rsa));
  CHECK(ec_value.public_fingerprint() == sha256_hex(openssl({"pkey", "-pubout", "-outform", "DER"}, ec)));
  CHECK(Key::from_spki(ec_value.spki_der()).same_public_key(ec_value));
}

TEST_CASE("a key is found behind certificates, text and CRLF") {
  const std::string pem = ec_key().to_pem_pkcs8().reveal();
  std::string crlf;
  for (const char c : root().certificate.to_pem() + "some text\n" + pem) crlf += c == '\n' ? "\r\n" : std::string(1, c);
  CHECK(Key::from_pem(crlf).same_public_key(ec_key()));
}

TEST_CASE("an encrypted key is a clear failure, and nobody is asked for a passphrase") {
  const std::string pem = ec_key().to_pem_pkcs8().reveal();
  for (const std::string& encrypted : {openssl({"pkcs8", "-topk8", "-v2", "aes128", "-passout", "pass:secret"}, pem),
                                       openssl({"ec", "-aes128", "-passout", "pass:secret"}, pem)}) {
    CHECK(message_of([&] { (void)Key::from_pem(encrypted); }).find("encrypted") != std::string::npos);
    CHECK(code_of([&] { (void)Key::from_pem(encrypted); }) == "key-unreadable");
  }
}

TEST_CASE("a damaged key fails at every place, and the failure does not quote it") {
  const std::string pem = ec_key().to_pem_pkcs8().reveal();
  for (std::size_t size = 0; size + 2 < pem.size(); ++size) {
    INFO(size);
    CHECK(code_of([&] { (void)Key::from_pem(std::string_view(pem).substr(0, size)); }) == "key-unreadable");
  }
  CHECK(code_of([] { (void)Key::from_pem(std::string(kMaxPemBytes + 1, 'A')); }) == "key-unreadable");
  CHECK(code_of([] { (void)Key::from_borrowed(nullptr); }) == "internal");
  CHECK(code_of([] { (void)Key::from_spki(Bytes{}); }) == "key-unreadable");
  Bytes trailing = ec_key().spki_der();
  trailing.push_back(0);
  CHECK(code_of([&] { (void)Key::from_spki(trailing); }) == "key-unreadable");
}

TEST_CASE("copies and handles share one key, and outlive each other") {
  KeyHandle handle;
  {
    const Key key = Key::generate({KeyType::ec, 0, "P-256"});
    const Key copy = key;
    CHECK(copy.get() == key.get());
    handle = copy.handle();
  }
  REQUIRE(handle);
  CHECK(Key::from_borrowed(handle.get()).curve() == "P-256");
}

TEST_CASE("a PEM bundle splits into its blocks") {
  const std::string key = ec_key().to_pem_pkcs8().reveal();
  const std::string certificate = root().certificate.to_pem();
  const std::string bundle = "intro\n" + certificate + "\r\n  noise -----BEGIN\n" + key;
  const auto blocks = split_pem(bundle);
  REQUIRE(blocks.size() == 2);
  CHECK(blocks[0].label == "CERTIFICATE");
  CHECK(pem_decode(blocks[0]) == root().certificate.der());
  CHECK(std::string(blocks[0].text) + "\n" == certificate);
  CHECK(blocks[1].label == "PRIVATE KEY");
  CHECK_FALSE(blocks[1].encrypted);
  CHECK(split_pem("").empty());
  CHECK(split_pem("no PEM at all\n").empty());
  const std::string encrypted = openssl({"ec", "-aes128", "-passout", "pass:x"}, key);
  CHECK(split_pem(encrypted).at(0).encrypted);
  CHECK(certificate == openssl({"x509"}, certificate));
}

TEST_CASE("PEM that is cut off or mixed up is refused") {
  const std::string certificate = root().certificate.to_pem();
  const std::string begin = "-----BEGIN CERTIFICATE-----\n";
  CHECK(code_of([&] { (void)split_pem(certificate.substr(0, certificate.size() / 2)); }) == "pem-malformed");
  CHECK(code_of([&] { (void)split_pem(begin + certificate); }) == "pem-malformed");
  CHECK(code_of([&] { (void)split_pem(begin + "AAAA\n-----END PRIVATE KEY-----\n"); }) == "pem-malformed");
  CHECK(code_of([&] { (void)split_pem(begin + "AA!A\n-----END CERTIFICATE-----\n"); }) == "pem-malformed");
  CHECK(code_of([&] { (void)split_pem("-----BEGIN \x1b[31m-----\n"); }) == "pem-malformed");
  CHECK(code_of([] { (void)split_pem(std::string(kMaxPemBytes + 1, '\n')); }) == "pem-malformed");
  std::string many;
  for (std::size_t i = 0; i <= kMaxPemBlocks; ++i) many += begin + "AAAA\n-----END CERTIFICATE-----\n";
  CHECK(code_of([&] { (void)split_pem(many); }) == "pem-malformed");
}
