// Envelopes as some servers make them, and as none should: for test servers.
#pragma once

#include "framework/crypto/certificate.hpp"
#include "framework/crypto/cms_enveloped.hpp"

namespace certctl::crypto {

enum class OddEnvelope : int {
  two_recipients,      // `other` first, then `recipient` (micromdm, for a request with a chain in it)
  oaep,                // RSAES-OAEP with SHA-1
  absent_parameters,   // rsaEncryption without NULL (OpenXPKI)
  key_encryption_key,  // a symmetric key that nobody agreed on
  key_agreement,       // to `other`, which has an EC key
  authenticated,       // AuthEnvelopedData, AES-128-GCM
};

// DER of the envelope. `other` is used where the kind says so. Fails with "algorithm-refused".
Bytes odd_envelope(OddEnvelope kind, BytesView content, const Certificate& recipient, const Certificate& other,
                   ContentCipher cipher);

}  // namespace certctl::crypto
