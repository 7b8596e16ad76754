// PKCS #12 in both directions: the openssl program reads what we write, and writes what we read.
#include "framework/crypto/pkcs12.hpp"

#include <catch2/catch.hpp>

#include "framework/crypto/certificate.hpp"
#include "tests/unit/crypto/openssl_program.hpp"
#include "tests/unit/crypto/scene.hpp"

using namespace certctl;
using namespace certctl::crypto;
using namespace crypto_test;

namespace {

const Certificate& leaf_of(const Key& key) {
  static const Certificate kRsa = leaf(root(), "/CN=one", rsa_key(1));
  static const Certificate kEc = leaf(root(), "/CN=two", ec_key(1));
  return key.type() == PublicKeyType::rsa ? kRsa : kEc;
}

Pkcs12 read(const std::string& der, const std::string& password) {
  return read_pkcs12(bytes(der), Secret(password));
}

// Made by the program, from our key and certificates.
std::string exported(const std::string& password, const std::vector<std::string>& more) {
  const TempDirectory directory;
  const std::string key = directory.write("key", rsa_key(1).to_pem_pkcs8().reveal());
  const std::string certificate = directory.write("crt", leaf_of(rsa_key(1)).to_pem());
  const std::string others = directory.write("ca", root().certificate.to_pem());
  std::vector<std::string> arguments{"pkcs12",    "-export",   "-inkey", key,        "-in",
                                     certificate, "-certfile", others,   "-passout", "pass:" + password};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return openssl(arguments);
}

void check_content(const Pkcs12& content) {
  REQUIRE(content.key);
  CHECK(content.key->same_public_key(rsa_key(1)));
  CHECK(content.certificates == std::vector<Certificate>{leaf_of(rsa_key(1)), root().certificate});
}

}  // namespace

TEST_CASE("the openssl program reads our PKCS #12") {
  for (const auto encryption : {Pkcs12Encryption::modern, Pkcs12Encryption::legacy}) {
    for (const Key& key : {rsa_key(1), ec_key(1)}) {
      for (const std::string password : {"", "secret", "\xc3\xbcml\xc3\xa4ut \xe2\x82\xac"}) {
        const Secret der =
            write_pkcs12(key, leaf_of(key), {root().certificate}, Secret(password), "my key", encryption);
        const std::string out = openssl({"pkcs12", "-nodes", "-passin", "pass:" + password}, der.reveal());
        CHECK(out.find(key.to_pem_pkcs8().reveal()) != std::string::npos);
        CHECK(out.find(leaf_of(key).to_pem()) != std::string::npos);
        CHECK(out.find(root().certificate.to_pem()) != std::string::npos);
        CHECK(out.find("friendlyName: my key") != std::string::npos);
        const Pkcs12 back = read(der.reveal(), password);
        REQUIRE(back.key);
        CHECK(back.key->same_public_key(key));
        CHECK(back.certificates == std::vector<Certificate>{leaf_of(key), root().certificate});
        CHECK(back.friendly_name == "my key");
        CHECK(back.encryption == encryption);
      }
    }
  }
  const auto make = [] {
    return write_pkcs12(ec_key(1), leaf_of(ec_key(1)), {}, Secret("x"), "", Pkcs12Encryption::modern).reveal();
  };
  CHECK(make() != make());
  CHECK(read(make(), "x").friendly_name.empty());
}

TEST_CASE("PKCS #12 of the openssl program is read") {
  const Pkcs12 modern = read(exported("secret", {"-name", "a name"}), "secret");
  check_content(modern);
  CHECK(modern.friendly_name == "a name");
  CHECK(modern.encryption == Pkcs12Encryption::modern);
  const Pkcs12 legacy =
      read(exported("secret", {"-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1"}), "secret");
  check_content(legacy);
  CHECK(legacy.encryption == Pkcs12Encryption::legacy);
  check_content(read(exported("", {}), ""));
  const Pkcs12 bare = read(exported("secret", {"-keypbe", "NONE", "-certpbe", "NONE"}), "secret");
  check_content(bare);
  CHECK_FALSE(bare.encryption);
  const Pkcs12 certificates = read(exported("secret", {"-nokeys"}), "secret");
  CHECK_FALSE(certificates.key);
  CHECK(certificates.certificates.size() == 2);
  check_content(read(exported("secret", {"-iter", "100000"}), "secret"));
}

TEST_CASE("PKCS #12 that cannot be read is refused with words") {
  const std::string good = exported("secret", {});
  CHECK(code_of([&] { (void)read(good, "wrong"); }) == "pkcs12-password");
  CHECK(code_of([&] { (void)read(good, ""); }) == "pkcs12-password");
  CHECK(code_of([&] { (void)read(good + "x", "secret"); }) == "pkcs12-unreadable");
  CHECK(code_of([&] { (void)read(good.substr(0, good.size() / 2), "secret"); }) == "pkcs12-unreadable");
  CHECK(code_of([&] { (void)read("", "secret"); }) == "pkcs12-unreadable");
  CHECK(code_of([&] { (void)read(root().certificate.to_pem(), "secret"); }) == "pkcs12-unreadable");
  CHECK(code_of([&] { (void)read(std::string((1U << 20U) + 1, '0'), "secret"); }) == "pkcs12-unreadable");
  CHECK(code_of([&] { (void)read(exported("secret", {"-nomac"}), "secret"); }) == "pkcs12-unreadable");
  CHECK(code_of([] {
          (void)write_pkcs12(ec_key(1), leaf_of(ec_key(1)), {}, Secret(std::string("a\0b", 3)), "",
                             Pkcs12Encryption::modern);
        }) == "bad-option");
}

TEST_CASE("a PKCS #12 file that asks for endless work is refused at once") {
  // The count of the MAC is the last thing in the file: 02 03 01 86 A0 for 100,000.
  std::string file = exported("secret", {"-iter", "100000"});
  const std::string count("\x02\x03\x01\x86\xa0", 5);
  std::size_t replaced = 0;
  for (std::size_t at = file.find(count); at != std::string::npos; at = file.find(count, at + 1)) {
    file.replace(at, count.size(), std::string("\x02\x03\x7f\xff\xff", 5));  // 8,388,607
    ++replaced;
  }
  CHECK(replaced >= 1);
  const auto begun = std::chrono::steady_clock::now();
  CHECK(code_of([&] { (void)read(file, "secret"); }) == "pkcs12-unreadable");
  CHECK(message_of([&] { (void)read(file, "secret"); }).find("iteration counts") != std::string::npos);
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(5));
  // That of a key: encrypted with the honest MAC of a hostile sender, three times as much as is allowed.
  const std::string heavy = exported("secret", {"-iter", "2000001", "-nomaciter"});
  CHECK(message_of([&] { (void)read(heavy, "secret"); }).find("iteration counts") != std::string::npos);
  // Together they are too many.
  const std::string sum = exported("secret", {"-iter", "900000", "-nomaciter"});
  CHECK(code_of([&] { (void)read(sum, "secret"); }).empty());
  const std::string too_many = exported("secret", {"-iter", "900000"});
  CHECK(code_of([&] { (void)read(too_many, "secret"); }) == "pkcs12-unreadable");
}
