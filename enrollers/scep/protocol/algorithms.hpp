// Which algorithms a client uses for its requests, and which it reads in replies: the table of the design.
#pragma once

#include "enrollers/scep/protocol/capabilities.hpp"
#include "framework/crypto/cms_enveloped.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace certctl::scep {

// How much of the past is tolerated.
enum class Legacy : int {
  deny,     // AES and SHA-2 or nothing
  receive,  // send 3DES and SHA-1 where the server has nothing better; read replies in single DES and SHA-1
  allow,    // also send single DES and MD5, and read MD5
};

struct Algorithms {
  crypto::ContentCipher cipher = crypto::ContentCipher::aes128_cbc;
  crypto::Digest digest = crypto::Digest::sha256;
  std::vector<std::string> warnings;
};

// From what the server announced; an explicit choice of the configuration counts before that. Fails with
// "algorithm-refused" (never) when `legacy` does not permit what would be needed.
Algorithms choose_algorithms(const Capabilities& announced, Legacy legacy,
                             std::optional<crypto::ContentCipher> cipher = std::nullopt,
                             std::optional<crypto::Digest> digest = std::nullopt);

// Judges the algorithms of a reply: a warning, or nothing. Fails with "algorithm-refused".
std::optional<std::string> judge_reply_digest(std::string_view digest_oid, Legacy legacy);
std::optional<std::string> judge_reply_cipher(std::string_view cipher_oid, Legacy legacy);

// Words of the configuration: aes128, aes192, aes256, 3des, des; sha256, sha384, sha512, sha1, md5. "auto": nothing.
std::optional<crypto::ContentCipher> cipher_from_word(std::string_view word);
std::optional<crypto::Digest> digest_from_word(std::string_view word);

}  // namespace certctl::scep
