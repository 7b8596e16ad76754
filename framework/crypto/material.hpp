// The parts of a credential as the PEM texts that targets get.
#pragma once

#include "framework/crypto/certificate.hpp"
#include "framework/crypto/key.hpp"

#include <certctl/types.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace certctl::crypto {

enum class PemKind : int {
  pkey,   // the private key
  cert,   // the end entity's certificate
  chain,  // from its issuer towards the anchor, concatenated
  ca,     // the CA certificates of the CA set, concatenated: those above the certificate first, each before its issuer
};
[[nodiscard]] std::optional<PemKind> pem_kind_from_word(std::string_view word) noexcept;
[[nodiscard]] std::string_view pem_kind_word(PemKind kind) noexcept;

enum class KeyForm : int {
  pkcs8,        // PRIVATE KEY
  traditional,  // RSA PRIVATE KEY, EC PRIVATE KEY
};

// What a profile says about the form; automatic: as the key that is replaced, else PKCS #8.
enum class KeyFormat : int { automatic, traditional, pkcs8 };
// "auto", "traditional", "pkcs8". Precondition: one of these.
[[nodiscard]] KeyFormat key_format_from_word(std::string_view word);

// The label of the first private key of a PEM text; empty when there is none or the text is no PEM.
[[nodiscard]] std::string key_label(std::string_view pem);

class Material {
 public:
  // Failure (RetryClass::never) credential-broken: certificate and key do not belong together, or are unreadable.
  explicit Material(const Credential& credential);

  // PEM with LF, one at the end; empty only for a chain that is empty. Failures (never): credential-incomplete (there
  // is no CA certificate), key-not-exportable.
  [[nodiscard]] Secret pem(PemKind kind, KeyForm form) const;
  // `label`: of the key that is replaced, empty if there is none.
  [[nodiscard]] KeyForm key_form_for(KeyFormat format, std::string_view label) const;
  // The form in which the key has this label; PKCS #8 when none has.
  [[nodiscard]] KeyForm key_form_for(std::string_view label) const;

  [[nodiscard]] const Certificate& certificate() const noexcept { return certificate_; }
  // Failure (never) key-not-exportable.
  [[nodiscard]] const Key& key() const;
  [[nodiscard]] const std::vector<Certificate>& chain() const noexcept { return chain_; }
  [[nodiscard]] const std::vector<Certificate>& authorities() const noexcept { return authorities_; }
  // The self-signed certificate of the CA set in which the chain ends. Failure (never) credential-incomplete: there is
  // none.
  [[nodiscard]] const Certificate& anchor() const;

 private:
  Certificate certificate_;
  std::optional<Key> key_;  // nothing: it never leaves its provider
  std::string key_provider_;
  std::vector<Certificate> chain_;
  std::vector<Certificate> authorities_;
};

}  // namespace certctl::crypto
