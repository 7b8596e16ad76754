// What a TLS client proves itself with: a certificate, its chain, and a key that may be a token's handle. In
// certctl_tls, as tls_client.hpp.
#pragma once

#include "framework/crypto/certificate.hpp"

#include <span>

struct evp_pkey_st;

namespace certctl::crypto {

// Puts the identity into an SSL_CTX of libssl, which keeps references of its own. `ssl_context` is what a library that
// makes connections hands out (net::HttpSettings::tls_prepare). Fails with "identity-unusable" (never): the key is
// another one, or of a kind that TLS has no use for.
void present_identity(void* ssl_context, const Certificate& certificate, std::span<const Certificate> chain,
                      evp_pkey_st* key);

// Certificates are taken whatever their validity says: for devices that do not know the time.
void judge_no_validity(void* ssl_context);

}  // namespace certctl::crypto
