#include "framework/crypto/password_hash.hpp"

#include <catch2/catch.hpp>

using namespace certctl::crypto;

TEST_CASE("a password matches its hash, and no other one does") {
  const std::string hash = hash_password("correct horse");
  CHECK(hash.starts_with("$scrypt$ln=14,r=8,p=5$"));
  CHECK(password_matches("correct horse", hash));
  for (const char* other : {"", "correct hors", "correct horse ", "Correct horse"})
    CHECK_FALSE(password_matches(other, hash));
  CHECK(hash_password("correct horse") != hash);  // a salt of its own
}

// RFC 7914 §12, second vector with N = 1024, r = 8, p = 16: its first 32 octets.
TEST_CASE("the hash is scrypt's") {
  CHECK(password_matches("password",
                         "$scrypt$ln=10,r=8,p=16$4e61436c$"
                         "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"));
}

TEST_CASE("what is no hash matches nothing, and asks for no memory") {
  const std::string hash = hash_password("x");
  for (const std::string& text : std::initializer_list<std::string>{
           "", "$", "$scrypt$", "x", "$scrypt$ln=14,r=8,p=5$$", "$scrypt$ln=40,r=8,p=5$00$00", "$bcrypt$a$b$c",
           "$scrypt$ln=14,r=99999,p=5$4e61$" + std::string(64, '0'), "$scrypt$r=8,p=5$4e61$" + std::string(64, '0'),
           hash + "$", hash.substr(0, hash.size() - 2), hash + "00"})
    CHECK_FALSE(password_matches("x", text));
}
