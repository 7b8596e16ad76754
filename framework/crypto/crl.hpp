// A certificate revocation list as a value (RFC 5280 §5). What it says holds only once signed_by() was asked.
#pragma once

#include "framework/crypto/certificate.hpp"

#include <certctl/types.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct X509_crl_st;

namespace certctl::crypto {

struct Revocation {
  std::int64_t at = 0;  // seconds since 1970
  std::string reason;   // "keyCompromise" (RFC 5280 §5.3.1); empty: none is given
};

class Crl {
 public:
  // DER that fills the buffer, or PEM. Fails with "crl-unreadable" (RetryClass::never); so does a list that judges only
  // a part of the issuer's certificates (delta, indirect, or limited to some reasons or kinds) and one with an unknown
  // critical extension: it must not be taken for the whole (RFC 5280 §5.2).
  [[nodiscard]] static Crl from_text(std::string_view der_or_pem);

  [[nodiscard]] Bytes der() const;
  [[nodiscard]] std::string to_pem() const;
  [[nodiscard]] std::string issuer_text() const;  // one line, safe to show
  [[nodiscard]] std::int64_t this_update() const noexcept { return this_update_; }
  [[nodiscard]] std::optional<std::int64_t> next_update() const noexcept { return next_update_; }
  [[nodiscard]] std::size_t count() const noexcept;

  // The signature verifies with this certificate's key, whose subject is the list's issuer. No other check.
  [[nodiscard]] bool signed_by(const Certificate& issuer) const;
  // Nothing: it is not in the list. removeFromCRL counts as not revoked.
  [[nodiscard]] std::optional<Revocation> find(const Certificate& certificate) const;

 private:
  explicit Crl(X509_crl_st* owned);
  std::shared_ptr<X509_crl_st> crl_;
  std::int64_t this_update_ = 0;
  std::optional<std::int64_t> next_update_;
};

// Where the issuer of a certificate publishes its list: the URIs of the extension CRL distribution points (RFC 5280
// §4.2.1.13), in its order, only those of schemes http, https and ldap that point to a whole list (no reasons, no other
// CRL issuer). Text from outside: printable ASCII without blanks, else it is left out. Never fails.
[[nodiscard]] std::vector<std::string> crl_addresses(const Certificate& certificate);

}  // namespace certctl::crypto
