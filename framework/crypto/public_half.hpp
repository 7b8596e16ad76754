// The public half of a private key, without making a key of it.
#pragma once

#include <certctl/types.hpp>

#include <optional>
#include <string_view>

namespace certctl::crypto {

// SubjectPublicKeyInfo (DER) of the first private key of a PEM text: RSA in PKCS #8 or in its own form, or EC in PKCS
// #8 with its point beside it. As little is checked as when OpenSSL reads one: that the numbers are there, not that
// they fit each other. Nothing for every other key and text, damaged or not. Its copy of the key is wiped.
[[nodiscard]] std::optional<Bytes> public_half(std::string_view pem);

}  // namespace certctl::crypto
