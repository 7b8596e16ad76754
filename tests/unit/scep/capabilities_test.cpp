#include "enrollers/scep/protocol/capabilities.hpp"
#include "enrollers/scep/protocol/algorithms.hpp"
#include "enrollers/scep/protocol/query.hpp"

#include <certctl/result.hpp>

#include <catch2/catch.hpp>

using namespace certctl;
using crypto::ContentCipher;
using crypto::Digest;
using scep::Legacy;
using scep::parse_capabilities;

TEST_CASE("capabilities: blanks, CRLF, blank lines, case and a missing last newline do not hide a word",
          "[SCEP-036][SCEP-038][SCEP-039]") {
  const auto known = parse_capabilities("AES \r\n\tsha-256\r\n\r\nPOSTPKIOperation");
  CHECK(known.aes);
  CHECK(known.sha256);
  CHECK(known.post);
  CHECK(known.words.size() == 3);
  CHECK_FALSE(known.renewal);
  CHECK_FALSE(parse_capabilities("AESX\nxAES\nSHA-2567\n").aes);
  CHECK(parse_capabilities("example.com-own\nUpdate\nSHA-256\n").sha256);
}

TEST_CASE("capabilities: SCEPStandard implies AES, POST and SHA-256", "[SCEP-041]") {
  const auto known = parse_capabilities("SCEPStandard");
  CHECK(known.aes);
  CHECK(known.post);
  CHECK(known.sha256);
}

TEST_CASE("capabilities: a web page and binary garbage hold none that matter", "[SCEP-045]") {
  CHECK(parse_capabilities("<html><body>AES DES3</body></html>").none());
  CHECK(parse_capabilities(std::string("\0\1\2\n\xFF\xFE", 6)).none());
  CHECK(parse_capabilities("").none());
  std::string endless;
  for (int i = 0; i < 100000; ++i) endless += "word\n";
  CHECK(parse_capabilities(endless).words.size() == 128);
}

//
TEST_CASE("the algorithm table, row by row",
          "[SCEP-030][SCEP-031][SCEP-032][SCEP-042][SCEP-043][SCEP-049][SCEP-050][SCEP-203][SCEP-207]") {
  struct Row {
    const char* words;
    Legacy legacy;
    const char* cipher;  // "" = refused
    const char* digest;
    std::size_t warnings;
  };
  const Row rows[] = {
      {"AES\nSHA-256", Legacy::deny, "AES-128-CBC", "SHA-256", 0},
      {"SCEPStandard", Legacy::deny, "AES-128-CBC", "SHA-256", 0},
      {"SCEPStandard", Legacy::receive, "AES-128-CBC", "SHA-256", 0},
      {"SCEPStandard", Legacy::allow, "AES-128-CBC", "SHA-256", 0},
      {"AES\nSHA-512\nSHA-256", Legacy::receive, "AES-128-CBC", "SHA-256", 0},
      {"AES\nSHA-512", Legacy::deny, "AES-128-CBC", "SHA-512", 0},
      {"AES\nSHA-1", Legacy::deny, "", "", 0},
      {"AES\nSHA-1", Legacy::receive, "AES-128-CBC", "SHA-1", 1},
      {"AES\nSHA-1", Legacy::allow, "AES-128-CBC", "SHA-1", 1},
      {"DES3\nSHA-256\nSHA-1", Legacy::deny, "", "", 0},
      {"DES3\nSHA-256\nSHA-1", Legacy::receive, "3DES-CBC", "SHA-256", 1},
      {"POSTPKIOperation\nRenewal\nSHA-512\nSHA-256\nSHA-1\nDES3", Legacy::receive, "3DES-CBC", "SHA-256", 1},
      {"DES3\nSHA-1", Legacy::receive, "3DES-CBC", "SHA-1", 2},
      {"", Legacy::deny, "", "", 0},
      {"", Legacy::receive, "3DES-CBC", "SHA-1", 2},
      {"", Legacy::allow, "3DES-CBC", "SHA-1", 2},
      {"DES\nSHA-1", Legacy::deny, "", "", 0},
      {"DES\nSHA-1", Legacy::receive, "", "", 0},
      {"DES\nSHA-1", Legacy::allow, "DES-CBC", "SHA-1", 2},
      {"DES3\nMD5", Legacy::receive, "", "", 0},
      {"DES3\nMD5", Legacy::allow, "3DES-CBC", "MD5", 2},
  };
  for (const Row& row : rows) {
    INFO(row.words << " / " << static_cast<int>(row.legacy));
    const auto known = parse_capabilities(row.words);
    if (row.cipher[0] == '\0') {
      CHECK_THROWS_AS(scep::choose_algorithms(known, row.legacy), Failure);
      continue;
    }
    const auto chosen = scep::choose_algorithms(known, row.legacy);
    CHECK(crypto::name_of(chosen.cipher) == row.cipher);
    CHECK(crypto::name_of(chosen.digest) == row.digest);
    CHECK(chosen.warnings.size() == row.warnings);
  }
}

TEST_CASE("an explicit cipher or digest counts before the announcement, within what legacy permits",
          "[SCEP-032][SCEP-050]") {
  const auto none = parse_capabilities("");
  CHECK(scep::choose_algorithms(none, Legacy::receive, ContentCipher::aes256_cbc, Digest::sha512).warnings.empty());
  CHECK(scep::choose_algorithms(none, Legacy::deny, ContentCipher::aes128_cbc, Digest::sha256).cipher ==
        ContentCipher::aes128_cbc);
  CHECK_THROWS_AS(scep::choose_algorithms(none, Legacy::receive, ContentCipher::des_cbc), Failure);
  CHECK(scep::choose_algorithms(none, Legacy::allow, ContentCipher::des_cbc).cipher == ContentCipher::des_cbc);
}

TEST_CASE("replies: old algorithms are refused, read with a warning, or read", "[SCEP-032][SCEP-207]") {
  const std::string des(crypto::cipher_oid(ContentCipher::des_cbc));
  const std::string aes(crypto::cipher_oid(ContentCipher::aes128_cbc));
  CHECK_THROWS_AS(scep::judge_reply_cipher(des, Legacy::deny), Failure);
  CHECK(scep::judge_reply_cipher(des, Legacy::receive));
  CHECK(scep::judge_reply_cipher(des, Legacy::allow));
  CHECK_FALSE(scep::judge_reply_cipher(aes, Legacy::deny));
  CHECK_THROWS_WITH(scep::judge_reply_cipher("2.16.840.1.101.3.4.1.46", Legacy::allow), Catch::Contains("AES-256-GCM"));
  CHECK_THROWS_AS(scep::judge_reply_digest(crypto::digest_oid(Digest::sha1), Legacy::deny), Failure);
  CHECK(scep::judge_reply_digest(crypto::digest_oid(Digest::sha1), Legacy::receive));
  CHECK_THROWS_AS(scep::judge_reply_digest(crypto::digest_oid(Digest::md5), Legacy::receive), Failure);
  CHECK(scep::judge_reply_digest(crypto::digest_oid(Digest::md5), Legacy::allow));
  CHECK_FALSE(scep::judge_reply_digest(crypto::digest_oid(Digest::sha256), Legacy::deny));
}

//
TEST_CASE("queries: standard base64 is escaped, and every way of others is read", "[SCEP-130][SCEP-134][SCEP-170]") {
  const Bytes bytes{0xFB, 0xEF, 0xBE, 0xFF, 0xFF, 0xFE, 0x01};  // + and / in base64, = at the end
  CHECK(scep::message_query(bytes) == "operation=PKIOperation&message=%2B%2B%2B%2B%2F%2F%2F%2BAQ%3D%3D");
  for (const char* query : {
           "operation=PKIOperation&message=%2B%2B%2B%2B%2F%2F%2F%2BAQ%3D%3D",
           "message=%2B%2B%2B%2B%2F%2F%2F%2BAQ%3D%3D&operation=PKIOperation",
           "operation=PKIOperation&message=++++///+AQ==",
           "operation=PKIOperation&message=    ///%20AQ==",
           "operation=PKIOperation&message=----___-AQ",
           "operation=PKIOperation&message=%252B%252B%252B%252B///%2BAQ==",
           "operation=PKIOperation&message=%2B%2B%2B%2B%0D%0A%2F%2F%2F%2B%0AAQ%3D%3D%0A&further=1",
           "x=y&operation=PKIOperation&message=++++///+AQ%3d%3d",
       }) {
    INFO(query);
    const scep::Query parsed = scep::parse_query(query);
    CHECK(parsed.operation == "PKIOperation");
    REQUIRE(parsed.message);
    CHECK(scep::decode_message(*parsed.message) == bytes);
  }
  CHECK_FALSE(scep::decode_message("not base64!"));
  CHECK_FALSE(scep::decode_message("A"));
  CHECK_FALSE(scep::decode_message(""));
  CHECK_FALSE(scep::parse_query("operation=GetCACaps").message);
  CHECK(scep::parse_query("").operation.empty());
}

//
TEST_CASE("queries: an identifier is escaped, and a URL may already have a query", "[SCEP-034][SCEP-150]") {
  CHECK(scep::plain_query("GetCACert") == "operation=GetCACert");
  CHECK(scep::plain_query("GetCACert", "My CA/1") == "operation=GetCACert&message=My%20CA%2F1");
  CHECK(scep::url_with_query("http://h/scep", "a=b") == "http://h/scep?a=b");
  CHECK(scep::url_with_query("http://h/scep?", "a=b") == "http://h/scep?a=b");
  CHECK(scep::url_with_query("http://h/scep?x=1", "a=b") == "http://h/scep?x=1&a=b");
  CHECK(scep::url_with_query("http://h/scep#part", "a=b") == "http://h/scep?a=b");
}
