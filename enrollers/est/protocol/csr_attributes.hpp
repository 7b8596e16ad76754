// What a server wants to see in requests: the answer of /csrattrs (RFC 7030 §4.5.2, RFC 8951 §3).
#pragma once

#include "framework/crypto/ber.hpp"
#include "framework/crypto/cms.hpp"  // Digest
#include "framework/crypto/csr.hpp"
#include "framework/crypto/key.hpp"

#include <optional>
#include <string>
#include <vector>

namespace certctl::est {

// A kind of key that the server takes.
struct KeyWish {
  crypto::PublicKeyType type = crypto::PublicKeyType::other;
  int bits = 0;       // rsa: modulus; 0: any
  std::string curve;  // ec: "P-256", or a dotted OID that certctl has no name for; empty: any
};
[[nodiscard]] std::string text_of(const KeyWish& wish);  // "rsa 3072", "ec P-384"
[[nodiscard]] bool fits(const KeyWish& wish, const crypto::Key& key);

struct CsrAttributes {
  std::vector<KeyWish> keys;                           // alternatives; empty: any
  std::vector<crypto::Digest> digests;                 // of the request's signature, alternatives; empty: any
  bool channel_binding = false;                        // challengePassword: bind the request to the connection
  std::vector<crypto::RequestedExtension> extensions;  // to be put into the request as they are
  std::vector<std::string> others;                     // dotted OIDs that are asked for, and mean nothing here
};

// From DER; an empty body is an empty list. Fails with "malformed-message".
[[nodiscard]] CsrAttributes parse_csr_attributes(crypto::BytesView der);
// Server.
[[nodiscard]] Bytes build_csr_attributes(const CsrAttributes& attributes);

}  // namespace certctl::est
