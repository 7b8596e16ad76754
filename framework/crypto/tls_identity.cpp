#include "framework/crypto/tls_identity.hpp"

#include "framework/crypto/error_fence.hpp"

#include <certctl/result.hpp>

#include <openssl/ssl.h>

namespace certctl::crypto {

void present_identity(void* ssl_context, const Certificate& certificate, std::span<const Certificate> chain,
                      evp_pkey_st* key) {
  const ErrorFence fence;
  auto* const context = static_cast<SSL_CTX*>(ssl_context);
  const auto fail = [&](const char* what) {
    throw Failure::never(
        "identity-unusable",
        "TLS cannot use " + std::string(what) + " of " + certificate.subject_text() + ": " + first_openssl_error(),
        "is it whole, and of a kind that TLS knows (RSA of 2048 bits or more, P-256, P-384, P-521)?");
  };
  if (SSL_CTX_use_certificate(context, certificate.get()) != 1) fail("the certificate");
  if (SSL_CTX_clear_chain_certs(context) != 1) fail("the chain");
  for (const Certificate& one : chain)
    if (SSL_CTX_add1_chain_cert(context, one.get()) != 1) fail("the chain");
  if (SSL_CTX_use_PrivateKey(context, key) != 1 || SSL_CTX_check_private_key(context) != 1) fail("the key");
}

void judge_no_validity(void* ssl_context) {
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(static_cast<SSL_CTX*>(ssl_context)), X509_V_FLAG_NO_CHECK_TIME);
}

}  // namespace certctl::crypto
