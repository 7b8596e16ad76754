#include "framework/crypto/library_start.hpp"

#include <openssl/crypto.h>

namespace certctl::crypto {

bool start_library() noexcept {
  return OSSL_LIB_CTX_get0_global_default() != nullptr;
}

}  // namespace certctl::crypto
