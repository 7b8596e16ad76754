#include "framework/crypto/legacy_context.hpp"

#include "framework/crypto/error_fence.hpp"

#include <certctl/result.hpp>

#include <openssl/crypto.h>
#include <openssl/provider.h>

namespace certctl::crypto {

LegacyContext::LegacyContext() {
  const ErrorFence fence;
  context_ = OSSL_LIB_CTX_new();
  if (context_ != nullptr) {
    default_ = OSSL_PROVIDER_load(context_, "default");
    legacy_ = OSSL_PROVIDER_load(context_, "legacy");
  }
  if (default_ == nullptr || legacy_ == nullptr) {
    if (default_ != nullptr) OSSL_PROVIDER_unload(default_);
    OSSL_LIB_CTX_free(context_);
    throw Failure::never("legacy-unavailable", "OpenSSL's legacy provider, which has single DES, cannot be loaded",
                         "install the module legacy.so that belongs to this OpenSSL, or use a server that does AES");
  }
}

LegacyContext::~LegacyContext() {
  OSSL_PROVIDER_unload(legacy_);
  OSSL_PROVIDER_unload(default_);
  OSSL_LIB_CTX_free(context_);
}

}  // namespace certctl::crypto
