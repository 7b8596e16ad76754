// The parts of a credential as the PEM texts that targets get.
#pragma once

#include "framework/crypto/certificate.hpp"
#include "framework/crypto/key.hpp"

#include <certctl/types.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace certctl::settings {

enum class Kind : int {
  pkey,   // the private key
  cert,   // the end entity's certificate
  chain,  // from its issuer towards the anchor, concatenated
  ca,     // the CA certificates of the CA set, concatenated: those above the certificate first, each before its issuer
};
[[nodiscard]] std::optional<Kind> kind_from_word(std::string_view word) noexcept;
[[nodiscard]] std::string_view kind_word(Kind kind) noexcept;

enum class KeyForm : int {
  pkcs8,        // PRIVATE KEY
  traditional,  // RSA PRIVATE KEY, EC PRIVATE KEY
};

// The label of the first private key of a PEM text; empty when there is none or the text is no PEM.
[[nodiscard]] std::string key_label(std::string_view pem);

class Material {
 public:
  // Failure (RetryClass::never) credential-broken: certificate and key do not belong together, or are unreadable.
  explicit Material(const Credential& credential);

  // PEM with LF, one at the end; empty only for a chain that is empty. Failures (never): credential-incomplete (there
  // is no CA certificate), key-not-exportable.
  [[nodiscard]] Secret pem(Kind kind, KeyForm form) const;
  // The form in which the key has this label; PKCS #8 when none has.
  [[nodiscard]] KeyForm key_form_for(std::string_view label) const;

  [[nodiscard]] const crypto::Certificate& certificate() const noexcept { return certificate_; }
  // Failure (never) key-not-exportable.
  [[nodiscard]] const crypto::Key& key() const;
  [[nodiscard]] const std::vector<crypto::Certificate>& chain() const noexcept { return chain_; }
  [[nodiscard]] const std::vector<crypto::Certificate>& authorities() const noexcept { return authorities_; }

 private:
  crypto::Certificate certificate_;
  std::optional<crypto::Key> key_;  // nothing: it never leaves its provider
  std::string key_provider_;
  std::vector<crypto::Certificate> chain_;
  std::vector<crypto::Certificate> authorities_;
};

}  // namespace certctl::settings
