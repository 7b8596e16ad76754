#include "enrollers/scep/protocol/algorithms.hpp"

#include <certctl/result.hpp>

namespace certctl::scep {
namespace {

using crypto::ContentCipher;
using crypto::Digest;

[[noreturn]] void refused(std::string what, std::string hint) {
  throw Failure::never("algorithm-refused", std::move(what), std::move(hint));
}

const std::string kServerHint = "ask the operator of the CA to enable AES and SHA-256";

// RFC 8894 §3.5.2: SHA-256 before others (SCEP-042, SCEP-043); SHA-1 is what everybody has (§7.5, SCEP-049).
Digest announced_digest(const Capabilities& announced) {
  if (announced.sha256) return Digest::sha256;
  if (announced.sha512) return Digest::sha512;
  if (announced.sha384) return Digest::sha384;
  if (announced.md5 && !announced.sha1) return Digest::md5;
  return Digest::sha1;
}

// SCEP-031, SCEP-042, SCEP-043: AES before 3DES, 3DES even where nothing is announced (SCEP-049).
ContentCipher announced_cipher(const Capabilities& announced) {
  if (announced.aes) return ContentCipher::aes128_cbc;
  if (announced.single_des && !announced.des3) return ContentCipher::des_cbc;
  return ContentCipher::des3_cbc;
}

bool weak(Digest digest) {
  return digest == Digest::sha1 || digest == Digest::md5;
}

}  // namespace

Algorithms choose_algorithms(const Capabilities& announced, Legacy legacy, std::optional<ContentCipher> cipher,
                             std::optional<Digest> digest) {
  Algorithms chosen;
  chosen.cipher = cipher.value_or(announced_cipher(announced));
  chosen.digest = digest.value_or(announced_digest(announced));
  const std::string who =
      announced.none() ? "the server announces no capabilities" : "the server announces nothing better";
  const std::string cipher_name(crypto::name_of(chosen.cipher));
  const std::string digest_name(crypto::name_of(chosen.digest));
  // SCEP-032, SCEP-203: whoever cuts words out of GetCACaps gains neither single DES nor MD5, and with `deny` nothing.
  if ((crypto::is_legacy(chosen.cipher)) && legacy != Legacy::allow)
    refused("requests would have to be encrypted with " + cipher_name + (cipher ? "" : ": " + who),
            kServerHint + ", or set `legacy: allow`");
  if (chosen.digest == Digest::md5 && legacy != Legacy::allow)
    refused("requests would have to be signed with MD5" + (digest ? "" : ": " + who),
            kServerHint + ", or set `legacy: allow`");
  // SCEP-050
  if (legacy == Legacy::deny && chosen.cipher == ContentCipher::des3_cbc)
    refused("requests would have to be encrypted with " + cipher_name + (cipher ? "" : ": " + who),
            kServerHint + ", or set `legacy: receive`");
  if (legacy == Legacy::deny && weak(chosen.digest))
    refused("requests would have to be signed with " + digest_name + (digest ? "" : ": " + who),
            kServerHint + ", or set `legacy: receive`");
  if (!cipher && chosen.cipher != ContentCipher::aes128_cbc)
    chosen.warnings.push_back("requests are encrypted with " + cipher_name + ": " + who);
  if (!digest && weak(chosen.digest)) chosen.warnings.push_back("requests are signed with " + digest_name + ": " + who);
  return chosen;
}

// SCEP-207
std::optional<std::string> judge_reply_digest(std::string_view oid, Legacy legacy) {
  const auto digest = crypto::digest_from_oid(oid);
  if (!digest) refused("the reply is signed with an unknown digest, " + std::string(oid), kServerHint);
  if (!weak(*digest)) return std::nullopt;
  const std::string name(crypto::name_of(*digest));
  if (*digest == Digest::md5 && legacy != Legacy::allow)
    refused("the reply is signed with MD5", kServerHint + ", or set `legacy: allow`");
  if (legacy == Legacy::deny) refused("the reply is signed with " + name, kServerHint + ", or set `legacy: receive`");
  return "the reply is signed with " + name;
}

std::optional<std::string> judge_reply_cipher(std::string_view oid, Legacy legacy) {
  const auto cipher = crypto::cipher_from_oid(oid);
  if (!cipher)
    refused("the server answered with " + crypto::cipher_display(oid) + ", which cannot be read",
            "configure the server for AES-128-CBC");
  const std::string name(crypto::name_of(*cipher));
  const bool old = crypto::is_legacy(*cipher) || *cipher == ContentCipher::des3_cbc;
  if (old && legacy == Legacy::deny)
    refused("the server answered with " + name, kServerHint + ", or set `legacy: receive`");
  if (!crypto::is_legacy(*cipher)) return std::nullopt;
  return "the reply is encrypted with " + name;
}

std::optional<ContentCipher> cipher_from_word(std::string_view word) {
  if (word == "aes128") return ContentCipher::aes128_cbc;
  if (word == "aes192") return ContentCipher::aes192_cbc;
  if (word == "aes256") return ContentCipher::aes256_cbc;
  if (word == "3des") return ContentCipher::des3_cbc;
  if (word == "des") return ContentCipher::des_cbc;
  if (word == "blowfish") return ContentCipher::blowfish_cbc;
  return std::nullopt;
}

std::optional<Digest> digest_from_word(std::string_view word) {
  if (word == "sha256") return Digest::sha256;
  if (word == "sha384") return Digest::sha384;
  if (word == "sha512") return Digest::sha512;
  if (word == "sha1") return Digest::sha1;
  if (word == "md5") return Digest::md5;
  return std::nullopt;
}

}  // namespace certctl::scep
