// Signatures and keyed hashes over plain bytes, and the numbers of a public key: what JSON Web Signatures are made of
// (RFC 7515, RFC 7518). Threads: none is shared.
#pragma once

#include "framework/crypto/ber.hpp"
#include "framework/crypto/key.hpp"

#include <certctl/types.hpp>

namespace certctl::crypto {

// Big-endian and unsigned: of an RSA key modulus and exponent without leading zeros, of an EC key both coordinates in
// the curve's full length. The others are empty.
struct PublicNumbers {
  Bytes modulus;
  Bytes exponent;
  Bytes x;
  Bytes y;
};
// Fails with "key-unsupported" (never) for a key that is neither RSA nor on P-256, P-384, P-521.
[[nodiscard]] PublicNumbers public_numbers(const Key& key);

// RSA: PKCS #1 v1.5 with SHA-256. EC: r and s, each in the curve's full length, over SHA-256, SHA-384 or SHA-512, as
// belongs to P-256, P-384, P-521. Fails with "key-unsupported" (never), "signature-failed".
[[nodiscard]] Bytes sign_raw(const Key& key, BytesView data);

// HMAC with SHA-256 (RFC 2104). Fails with "digest-failed".
[[nodiscard]] Bytes hmac_sha256(BytesView key, BytesView data);

}  // namespace certctl::crypto
