// What all CMS messages have in common. Signed messages: cms_signed.hpp. Enveloped: cms_enveloped.hpp.
// Certificates only: cms_certificates.hpp. Only CMS calls of OpenSSL are used, never PKCS7_*.
#pragma once

#include "framework/crypto/ber.hpp"

#include <certctl/types.hpp>

#include <string>
#include <string_view>

namespace certctl::crypto {

// Callers that read from the network cap the size earlier; this is the last line.
inline constexpr std::size_t kMaxCmsBytes = 16U << 20U;

inline constexpr std::string_view kOidCmsData = "1.2.840.113549.1.7.1";
inline constexpr std::string_view kOidCmsSigned = "1.2.840.113549.1.7.2";
inline constexpr std::string_view kOidCmsEnveloped = "1.2.840.113549.1.7.3";
inline constexpr std::string_view kOidCmsAuthEnveloped = "1.2.840.113549.1.9.16.1.23";

// What the first octets of a body say it is: content types are wrong too often to be believed.
enum class DerKind : int { certificate, cms, other };
// SEQUENCE, then SEQUENCE: certificate; SEQUENCE, then OBJECT IDENTIFIER: CMS. Never throws.
DerKind sniff_der(BytesView bytes) noexcept;

// Opens the outer SEQUENCE and returns the element inside [0]. Fails with "malformed-message" unless the message is of
// this content type, fills the whole buffer, and is no larger than kMaxCmsBytes.
BerElement open_cms(BytesView bytes, std::string_view content_type_oid, std::string_view what);

// Who signed, or to whom a message is encrypted: issuer and serial number, or a subject key identifier.
struct CmsIdentity {
  Bytes issuer_der;  // DER of the Name
  Bytes serial;      // content octets of the INTEGER
  Bytes key_id;      // set exactly when the other two are empty
};

enum class Digest : int { md5, sha1, sha224, sha256, sha384, sha512 };
std::string_view name_of(Digest digest);     // "SHA-256"
std::string_view digest_oid(Digest digest);  // dotted
// Nothing for an unknown OID.
std::optional<Digest> digest_from_oid(std::string_view oid);

}  // namespace certctl::crypto
