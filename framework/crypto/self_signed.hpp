// The certificate with which a client that has none yet signs its SCEP request (RFC 8894 §2.3).
#pragma once

#include "framework/crypto/certificate.hpp"
#include "framework/crypto/cms.hpp"  // Digest

#include <certctl/types.hpp>

#include <chrono>

namespace certctl::crypto {

// Subject and issuer are the CSR's; keyUsage digitalSignature, and keyEncipherment for RSA keys; positive random
// serial; valid from one day before `now` (a server's clock may be behind) to `now` + `lifetime`. Fails with
// "self-signed-failed".
[[nodiscard]] Certificate make_self_signed(BytesView subject_der, const Key& key, TimePoint now,
                                           std::chrono::seconds lifetime, Digest digest = Digest::sha256);

}  // namespace certctl::crypto
