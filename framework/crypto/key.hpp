// A key as a value. Copies share one OpenSSL object, which is never changed after it was made: values may be used by
// several threads. Whether it has a private half depends on where it came from; of a key inside a token only the
// handle is here.
#pragma once

#include "framework/crypto/ber.hpp"

#include <certctl/key_provider.hpp>
#include <certctl/types.hpp>

#include <memory>
#include <string>
#include <string_view>

struct evp_pkey_st;

namespace certctl::crypto {

enum class PublicKeyType : int { rsa, ec, other };

class Key {
 public:
  // The first private key of the text: PKCS #8, or traditional RSA or EC; what stands before it is skipped. Never asks
  // for a passphrase. Fails with "key-unreadable" (RetryClass::never), also for an encrypted one; no message quotes the
  // text.
  [[nodiscard]] static Key from_pem(std::string_view pem);
  [[nodiscard]] static Key from_pem(const Secret& pem) { return from_pem(std::string_view(pem.reveal())); }
  // Same, and asks on the terminal for the passphrase of an encrypted key; fails when there is no terminal.
  [[nodiscard]] static Key from_pem_asking(const Secret& pem);
  // An unencrypted private key in DER: PKCS #8, or traditional RSA or EC. Fails with "key-unreadable".
  [[nodiscard]] static Key from_der(BytesView der);
  // Makes a key pair. RSA 2048..8192 bits, or P-256, P-384, P-521. Fails with "key-unsupported" (never), "key-failed".
  [[nodiscard]] static Key generate(const KeySpec& spec);
  // Shares a key that somebody else owns (one more reference). Fails with "internal" on null.
  [[nodiscard]] static Key from_borrowed(evp_pkey_st* key);
  // A SubjectPublicKeyInfo: the public half only. Fails with "key-unreadable".
  [[nodiscard]] static Key from_spki(BytesView der);

  // Borrowed; lives as long as this value or a copy.
  [[nodiscard]] evp_pkey_st* get() const noexcept { return key_.get(); }
  // A handle that crosses a plugin's border, with one more reference.
  [[nodiscard]] KeyHandle handle() const;

  [[nodiscard]] PublicKeyType type() const noexcept;
  [[nodiscard]] int bits() const noexcept;        // modulus; field size of a curve
  [[nodiscard]] std::string curve() const;        // "P-256"; OpenSSL's name for others; "" when it is no EC key
  [[nodiscard]] std::string description() const;  // "rsa 2048", "ec P-256"

  [[nodiscard]] Secret to_pem_pkcs8() const;
  // "RSA PRIVATE KEY", "EC PRIVATE KEY"; other types as PKCS #8.
  [[nodiscard]] Secret to_pem_traditional() const;

  [[nodiscard]] bool same_public_key(const Key& other) const;
  [[nodiscard]] Bytes spki_der() const;                  // SubjectPublicKeyInfo
  [[nodiscard]] std::string public_fingerprint() const;  // SHA-256 over spki_der(), lower-case hex

 private:
  explicit Key(evp_pkey_st* owned);
  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace certctl::crypto
