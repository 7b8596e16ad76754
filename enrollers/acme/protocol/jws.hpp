// JSON Web Signatures of an account key (RFC 7515 flattened, RFC 8555 §6.2), and what is derived from the key.
#pragma once

#include "framework/crypto/key.hpp"

#include <certctl/types.hpp>

#include <string>

namespace certctl::acme {

// The public half as a JSON Web Key with its members in the order of RFC 7638 §3.2. Fails with "key-unsupported"
// (never).
[[nodiscard]] std::string web_key(const crypto::Key& key);
[[nodiscard]] std::string thumbprint(const crypto::Key& key);  // RFC 7638 with SHA-256, base64url
// RFC 8555 §8.1: what the response to a challenge is made of.
[[nodiscard]] std::string key_authorization(const std::string& token, const crypto::Key& account_key);

struct JwsHeader {
  std::string url;
  std::string nonce;
  std::string account_url;  // kid; empty: the key itself stands in the header
};
// The body of a POST. An empty payload is that of a POST-as-GET (RFC 8555 §6.3).
[[nodiscard]] std::string sign_request(const crypto::Key& key, const JwsHeader& header, const std::string& payload);

// RFC 8555 §7.3.4: the account key, vouched for with a MAC key of the CA. The value of `externalAccountBinding`, as
// JSON text.
[[nodiscard]] std::string external_binding(const crypto::Key& key, const std::string& url, const std::string& key_id,
                                           crypto::BytesView mac_key);

}  // namespace certctl::acme
