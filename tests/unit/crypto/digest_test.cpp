#include "framework/crypto/digest.hpp"
#include "framework/crypto/error_fence.hpp"
#include "framework/crypto/random.hpp"
#include "tests/unit/crypto/openssl_program.hpp"
#include "tests/unit/crypto/scene.hpp"

#include <openssl/err.h>

#include <catch2/catch.hpp>

#include <set>

using namespace certctl;
using namespace certctl::crypto;
using namespace crypto_test;

TEST_CASE("digests equal the published ones") {
  // FIPS 180-4 examples
  CHECK(sha256_hex(std::string_view("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256_hex(std::string_view()) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(hex_lower(sha1(bytes("abc"))) == "a9993e364706816aba3e25717850c26c9cd0d89d");
  CHECK(hex_lower(sha512(bytes("abc"))).substr(0, 32) == "ddaf35a193617abacc417349ae204131");
  CHECK(digest("SHA2-256", bytes("abc")) == sha256(bytes("abc")));
  CHECK(hex_lower(digest("MD5", bytes(""))) == "d41d8cd98f00b204e9800998ecf8427e");
  CHECK(code_of([] { (void)digest("ROT13", bytes("abc")); }) == "digest-unknown");
}

TEST_CASE("base64 equals openssl's for every length") {
  Bytes data;
  for (int i = 0; i < 70; ++i) {
    const std::string one_line = base64_encode(data);
    if (i % 7 == 0 && i != 0) {
      CHECK(one_line + "\n" == openssl({"base64", "-A"}, text(data)) + "\n");
      CHECK(base64_decode(openssl({"base64"}, text(data))) == data);
    }
    CHECK(base64_decode(one_line) == data);
    data.push_back(static_cast<std::uint8_t>(i * 37 + 200));
  }
}

TEST_CASE("base64 refuses what is none") {
  for (const char* wrong : {"A", "AB=A", "A===", "AB-_", "AAAA=", "AAA==", "AB*=", "AB", "AAB"}) {
    INFO(wrong);
    CHECK_FALSE(base64_decode(wrong));  // the last two: bits that belong to no octet are set
  }
  CHECK(base64_decode("QQ") == bytes("A"));  // padding may be absent
  CHECK(base64_decode(" Q\r\nQ = =\n") == bytes("A"));
  CHECK(base64_decode("") == Bytes{});
}

TEST_CASE("hexadecimal in both directions") {
  CHECK(from_hex("00fFA0") == Bytes{0x00, 0xFF, 0xA0});
  CHECK_FALSE(from_hex("0"));
  CHECK_FALSE(from_hex("0g"));
  CHECK_FALSE(from_hex("00:01"));
  CHECK(hex_lower(Bytes{0x00, 0xFF, 0xA0}) == "00ffa0");
}

TEST_CASE("comparison in constant time compares") {
  CHECK(constant_time_equal(std::string_view("secret"), std::string_view("secret")));
  CHECK_FALSE(constant_time_equal(std::string_view("secret"), std::string_view("secreT")));
  CHECK_FALSE(constant_time_equal(std::string_view("secret"), std::string_view("secre")));
  CHECK(constant_time_equal(std::string_view(), std::string_view()));
}

TEST_CASE("random octets differ") {
  std::set<Bytes> seen;
  for (int i = 0; i < 100; ++i) seen.insert(random_bytes(16));
  CHECK(seen.size() == 100);
  CHECK(library_major() == 3);
}

TEST_CASE("a fence leaves the error queue as it was, also nested and after failures") {
  ERR_clear_error();
  ERR_raise(ERR_LIB_USER, 1);
  const unsigned long before = ERR_peek_last_error();
  {
    const ErrorFence outer;
    ERR_raise(ERR_LIB_USER, 2);
    {
      const ErrorFence inner;
      ERR_raise(ERR_LIB_USER, 3);
    }
    CHECK(ERR_GET_REASON(ERR_peek_last_error()) == 2);
    (void)code_of([] { (void)Certificate::from_der(Bytes{0x30, 0x03, 0x02, 0x01, 0x05}); });
    (void)code_of([] { (void)Key::from_pem(std::string_view("-----BEGIN PRIVATE KEY-----\nAAAA\n")); });
    CHECK(ERR_GET_REASON(ERR_peek_last_error()) == 2);
  }
  CHECK(ERR_peek_last_error() == before);
  const std::string all = drain_errors();
  CHECK_FALSE(all.empty());
  CHECK(ERR_peek_error() == 0);
  CHECK(drain_errors().empty());
  CHECK(first_openssl_error() == "unknown cause");
}
