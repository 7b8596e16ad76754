// An X.509 certificate as a value. Copies share one body, which is never changed: values may be used by several
// threads. Nothing that is read from it is trusted by being there. OpenSSL's object is made when it is first needed.
#pragma once

#include "framework/crypto/ber.hpp"
#include "framework/crypto/key.hpp"
#include "framework/crypto/usage.hpp"

#include <certctl/types.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct x509_st;

namespace certctl::crypto {

inline constexpr std::size_t kMaxCertificateBytes = 256U << 10U;

class Certificate {
 public:
  // The first certificate of the text. Fails with "certificate-unreadable" (RetryClass::never), as all that follow.
  [[nodiscard]] static Certificate from_pem(std::string_view text);
  // DER that fills the whole buffer. Validity times must be readable too; a key of an unknown type is no failure.
  [[nodiscard]] static Certificate from_der(BytesView der);
  // Every certificate of the text, in its order; empty when there is none.
  [[nodiscard]] static std::vector<Certificate> all_from_pem(std::string_view text);
  // The first certificate of each text.
  [[nodiscard]] static std::vector<Certificate> each_from_pem(const std::vector<std::string>& texts);
  // Shares an object that somebody else owns (one more reference).
  [[nodiscard]] static Certificate from_x509(x509_st* certificate);

  // Borrowed; lives as long as this value or a copy. Never null.
  [[nodiscard]] x509_st* get() const;
  [[nodiscard]] Bytes der() const;
  [[nodiscard]] std::string to_pem() const;

  // As `openssl x509 -serial` prints it: upper-case hex, an even number of digits, '-' before a negative one.
  [[nodiscard]] std::string serial() const;
  [[nodiscard]] Bytes serial_octets() const;      // the INTEGER's content octets, with a sign octet if there is one
  [[nodiscard]] std::string fingerprint() const;  // "sha256:" and 64 lower-case hex digits
  [[nodiscard]] std::string sha1_fingerprint() const;  // 40 lower-case hex digits

  // One line, most specific first, safe to show (name.hpp).
  [[nodiscard]] std::string subject_text() const;
  [[nodiscard]] std::string issuer_text() const;
  [[nodiscard]] Bytes subject_der() const;
  [[nodiscard]] Bytes issuer_der() const;
  [[nodiscard]] std::vector<NameAttribute> subject() const;
  [[nodiscard]] std::vector<std::string> common_names() const;  // UTF-8, as they are: escape before showing

  // TimePoint ends in the year 2262; what lies outside is given as its nearest value. The exact numbers are in seconds
  // since 1970.
  [[nodiscard]] TimePoint not_before() const noexcept;
  [[nodiscard]] TimePoint not_after() const noexcept;
  [[nodiscard]] std::int64_t not_before_seconds() const noexcept;
  [[nodiscard]] std::int64_t not_after_seconds() const noexcept;

  [[nodiscard]] Key public_key() const;  // fails for a key that OpenSSL cannot use
  [[nodiscard]] PublicKeyType key_type() const;
  [[nodiscard]] bool carries(const Key& key) const;          // its public key is this one
  [[nodiscard]] bool carries(const evp_pkey_st* key) const;  // same; false for null
  // Same as carries(Key::from_pem(pem)), failures included; the usual kinds of keys are compared without being made.
  [[nodiscard]] bool carries_key_of(std::string_view pem) const;

  [[nodiscard]] bool is_ca() const;                         // basicConstraints says CA:TRUE
  [[nodiscard]] std::optional<unsigned> key_usage() const;  // bits of usage.hpp; nothing: no such extension
  [[nodiscard]] std::optional<std::vector<std::string>> extended_usages() const;  // dotted OIDs
  [[nodiscard]] std::vector<AltName> alt_names() const;
  [[nodiscard]] std::vector<std::string> alt_name_texts() const;  // "DNS:…", safe to show
  [[nodiscard]] Bytes subject_key_id() const;                     // empty: none
  [[nodiscard]] Bytes authority_key_id() const;                   // its keyIdentifier; empty: none
  // Value (content of the OCTET STRING) of an extension by dotted OID; nothing: absent. Fails with
  // "certificate-unreadable" when it is there twice.
  [[nodiscard]] std::optional<Bytes> extension(std::string_view oid) const;

  [[nodiscard]] bool is_self_issued() const;  // subject equals issuer; says nothing about the signature
  // The signature verifies with the other's key, and the other's subject is our issuer. No other check.
  [[nodiscard]] bool signed_by(const Certificate& other) const;

  // The same bytes.
  friend bool operator==(const Certificate& left, const Certificate& right);

 private:
  struct Body;
  explicit Certificate(std::shared_ptr<const Body> body);
  [[nodiscard]] bool issued_by_name(const Certificate& other) const;
  std::shared_ptr<const Body> body_;
};

}  // namespace certctl::crypto
