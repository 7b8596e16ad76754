// SignedData with exactly one signer and signed attributes.
#pragma once

#include "framework/crypto/certificate.hpp"
#include "framework/crypto/cms.hpp"

#include <certctl/types.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct evp_pkey_st;

namespace certctl::crypto {

struct AttributeValue {
  std::uint8_t identifier = 0;  // tag octet: kTagPrintableString …
  Bytes content;
};
struct SignedAttribute {
  std::string oid;
  std::vector<AttributeValue> values;  // a well-formed attribute has exactly one
};

// A parsed message. Plain value; parse() has checked structure only: nothing in it may be believed before verify().
class SignedMessage {
 public:
  enum class Content : int { absent, empty, present };

  // Accepts BER. Fails with "malformed-message": not SignedData, trailing bytes, not exactly one signer, no signed
  // attributes.
  static SignedMessage parse(BytesView bytes);

  [[nodiscard]] Content content_state() const noexcept { return content_state_; }
  [[nodiscard]] const Bytes& content() const noexcept { return content_; }
  [[nodiscard]] const std::string& content_type() const noexcept { return content_type_; }  // OID
  // As they stand in the message, duplicates too. They are NOT trusted by being there.
  [[nodiscard]] const std::vector<Certificate>& certificates() const noexcept { return certificates_; }
  [[nodiscard]] const CmsIdentity& signer() const noexcept { return signer_; }
  [[nodiscard]] const std::string& digest_oid() const noexcept { return digest_oid_; }
  [[nodiscard]] const std::string& signature_oid() const noexcept { return signature_oid_; }
  [[nodiscard]] const std::vector<SignedAttribute>& attributes() const noexcept { return attributes_; }
  // The single value of a signed attribute, or null when the attribute is absent. Fails with "malformed-message" when
  // it occurs twice or has not exactly one value.
  [[nodiscard]] const AttributeValue* attribute(std::string_view oid) const;

  // Checks the signature with those of `candidates` that the signer identity names, without any S/MIME purpose check
  // (CA certificates often have no e-mail usage), the digest of the content, and its type; absent content counts as
  // empty. Returns the place of the candidate that verified. Fails with "signer-unknown" when none is named, and
  // "signature-invalid" when none of the named verifies. Judging the certificate is up to the caller.
  [[nodiscard]] std::size_t verify(std::span<const Certificate> candidates) const;

 private:
  Bytes raw_;
  Content content_state_ = Content::absent;
  Bytes content_;
  std::string content_type_;
  std::vector<Certificate> certificates_;
  CmsIdentity signer_;
  std::string digest_oid_;
  std::string signature_oid_;
  std::vector<SignedAttribute> attributes_;
};

// How to sign. The attributes contentType, messageDigest and signingTime are added by sign_message().
struct SignOptions {
  Digest digest = Digest::sha256;
  std::vector<SignedAttribute> attributes;
  std::optional<TimePoint> signing_time;       // absent: no signingTime attribute
  bool include_signer = true;                  // put the signer's certificate into the message
  std::vector<Certificate> more_certificates;  // beside it
  // For test servers: what other implementations do, and what is wrong.
  bool combined_signature_oid = false;  // sha256WithRSAEncryption instead of rsaEncryption
  bool omit_content_type = false;
  bool omit_message_digest = false;
  bool wrong_content_type = false;    // the attribute contentType names another type than the content has
  bool wrong_message_digest = false;  // signed, but of another content
  bool attributes_unsigned = false;   // the attributes stand among the unsigned ones; the signature covers the content
  bool absent_parameters = false;     // signatureAlgorithm without NULL
  bool corrupt_signature = false;
};

// DER of a SignedData over `content` (id-data; nothing: eContent absent), signed by `key`, which belongs to `signer`.
// Signer named by issuer and serial number, version 1, signatureAlgorithm rsaEncryption (or ecdsa-with-…).
Bytes sign_message(std::optional<BytesView> content, const Certificate& signer, evp_pkey_st* key,
                   const SignOptions& options);

}  // namespace certctl::crypto
