// An isolated OpenSSL library context in which the legacy provider is loaded (single DES, Blowfish). The process'
// default context never gets these algorithms.
#pragma once

struct ossl_lib_ctx_st;
struct ossl_provider_st;

namespace certctl::crypto {

// Made where it is needed, for one operation; about 2 ms. Not to be shared between threads.
class LegacyContext {
 public:
  // Fails with "legacy-unavailable" when OpenSSL's legacy provider module is not installed.
  LegacyContext();
  ~LegacyContext();
  LegacyContext(const LegacyContext&) = delete;
  LegacyContext& operator=(const LegacyContext&) = delete;

  [[nodiscard]] ossl_lib_ctx_st* get() const noexcept { return context_; }

 private:
  ossl_lib_ctx_st* context_ = nullptr;
  ossl_provider_st* default_ = nullptr;
  ossl_provider_st* legacy_ = nullptr;
};

}  // namespace certctl::crypto
