// PKCS #12 files (RFC 7292): private key, certificate and CA certificates under a password.
//
// What is read comes from outside: its size, and the work that its iteration counts ask for, are limited before any of
// it is done.
#pragma once

#include "framework/crypto/certificate.hpp"
#include "framework/crypto/key.hpp"

#include <certctl/types.hpp>

#include <optional>
#include <string>
#include <vector>

namespace certctl::crypto {

inline constexpr std::size_t kMaxPkcs12Bytes = 1U << 20U;

enum class Pkcs12Encryption : int {
  modern,  // AES-256-CBC, keys by PBKDF2 with HMAC-SHA-256; MAC with SHA-256
  legacy,  // 3DES-CBC, keys by the KDF of PKCS #12 with SHA-1; MAC with SHA-1: for readers from before 2020
};

struct Pkcs12 {
  std::optional<Key> key;
  std::vector<Certificate> certificates;       // the one that carries the key first, the others in the file's order
  std::string friendly_name;                   // UTF-8 as it is: escape before showing
  std::optional<Pkcs12Encryption> encryption;  // of the key; nothing: another
};

// DER with new salts: never twice the same. `key` belongs to `certificate`. Failures (never): pkcs12-failed,
// key-not-exportable; bad-option (a password that has a NUL character).
[[nodiscard]] Secret write_pkcs12(const Key& key, const Certificate& certificate, const std::vector<Certificate>& chain,
                                  const Secret& password, const std::string& friendly_name,
                                  Pkcs12Encryption encryption);

// Failures (never): pkcs12-unreadable (no such file, no MAC, or more work than a file can need), pkcs12-password.
[[nodiscard]] Pkcs12 read_pkcs12(BytesView der, const Secret& password);

}  // namespace certctl::crypto
