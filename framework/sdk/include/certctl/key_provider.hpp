// Key provider: makes and loads private keys, in files or in hardware.
//
// Life: constructed with its options; one instance on one thread.
#pragma once

#include <certctl/host.hpp>
#include <certctl/types.hpp>

#include <functional>
#include <memory>
#include <string>

struct evp_pkey_st;

namespace certctl {

// A signing handle. Owns one reference to the key; the deleter comes from the provider's image, which is never
// unloaded.
class KeyHandle {
 public:
  using Deleter = void (*)(evp_pkey_st*) noexcept;
  KeyHandle() : key_(nullptr, [](evp_pkey_st*) noexcept {}) {}
  KeyHandle(evp_pkey_st* key, Deleter deleter) : key_(key, deleter) {}
  [[nodiscard]] evp_pkey_st* get() const noexcept { return key_.get(); }
  explicit operator bool() const noexcept { return key_ != nullptr; }

 private:
  std::unique_ptr<evp_pkey_st, Deleter> key_;
};

class KeyProvider {
 public:
  virtual ~KeyProvider() = default;
  // Makes a key. For exportable keys KeyRef::pem is filled and the caller makes it durable; others are durable when
  // this returns. Errors: key-unsupported (RetryClass::never), key-failed.
  virtual KeyRef generate(const KeySpec& spec) = 0;
  // Opens a key for signing and decryption. Error: key-unreadable.
  virtual KeyHandle load(const KeyRef& reference) = 0;
};

class DestroysKeys {
 public:
  virtual void destroy(const KeyRef& reference) = 0;

 protected:
  ~DestroysKeys() = default;
};
class AttestsKeys {
 public:
  virtual Bytes attest(const KeyRef& reference, const Bytes& challenge) = 0;

 protected:
  ~AttestsKeys() = default;
};

}  // namespace certctl
