// RSA private keys without OpenSSL's decoders. OpenSSL 3.0 collects all of its decoders anew for each key that it
// reads, which takes more time than a signature with the key. For .cpp files of crypto.
#pragma once

#include "framework/crypto/ossl_ptr.hpp"

namespace certctl::crypto {

// The key in `info`, if that is an RSA key of two primes (RFC 8017 A.1.2) in DER; else null, and OpenSSL's decoders may
// look at it. Leaves nothing of the key in memory but the key.
[[nodiscard]] EvpPkeyPtr rsa_key_from_pkcs8(const PKCS8_PRIV_KEY_INFO& info);

}  // namespace certctl::crypto
