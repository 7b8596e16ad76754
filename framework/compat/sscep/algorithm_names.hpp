// Names of algorithms as people write them: `aes128`, `AES-128`, `aes-128-cbc`, `SHA256`, `sha-256`.
#pragma once

#include "framework/crypto/cms_enveloped.hpp"

#include <string>
#include <string_view>

namespace certctl::sscep {

// Throw Stop (error) naming the option. The reference tool takes any text that begins like a name, and so takes `des3`
// for single DES and `aes-256` for AES-128; here a name means what it says.
crypto::ContentCipher cipher_named(std::string_view name);
crypto::Digest digest_named(std::string_view name, std::string_view option);
// OpenSSL's short names, as fingerprints are shown: "SHA256".
std::string short_name(crypto::Digest digest);

}  // namespace certctl::sscep
