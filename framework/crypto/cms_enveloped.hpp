// EnvelopedData: inspect before decryption, decrypt, encrypt.
#pragma once

#include "framework/crypto/certificate.hpp"
#include "framework/crypto/cms.hpp"

#include <certctl/types.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct evp_pkey_st;

namespace certctl::crypto {

enum class ContentCipher : int { aes128_cbc, aes192_cbc, aes256_cbc, des3_cbc, des_cbc, blowfish_cbc };
std::string_view name_of(ContentCipher cipher);     // "AES-128-CBC"
std::string_view cipher_oid(ContentCipher cipher);  // dotted
std::optional<ContentCipher> cipher_from_oid(std::string_view oid);
// A name for a cipher OID also when it is none of ours: "AES-128-GCM", else the OID itself.
std::string cipher_display(std::string_view oid);
// Only in OpenSSL's legacy provider.
[[nodiscard]] bool is_legacy(ContentCipher cipher) noexcept;

// How the content key is encrypted to an RSA key: rsaEncryption (RFC 3370 §4.2.1), or RSAES-OAEP (RFC 3560) with its
// default parameters (SHA-1), or with SHA-256 for digest and mask.
enum class KeyTransport : int { pkcs1, oaep, oaep_sha256 };
// Of a recipient's keyEncryptionAlgorithm; OAEP of any parameters is `oaep`. Nothing for other algorithms.
[[nodiscard]] std::optional<KeyTransport> key_transport_from_oid(std::string_view oid);

enum class RecipientKind : int { key_transport, key_agreement, key_encryption_key, password, other };
struct EnvelopeRecipient {
  RecipientKind kind = RecipientKind::other;
  CmsIdentity identity;         // key transport
  std::string key_encryption;   // OID: rsaEncryption, RSAES-OAEP; password: the key wrap
  std::int64_t iterations = 0;  // password with PBKDF2
};
struct EnvelopeInfo {
  std::string content_type;  // OID inside encryptedContentInfo
  std::string cipher;        // OID
  std::vector<EnvelopeRecipient> recipients;
};

// Reads what the envelope says of itself, without OpenSSL, which cannot even parse some of them (AES-GCM).
EnvelopeInfo inspect_envelope(BytesView bytes);

struct DecryptPolicy {
  bool allow_legacy = false;  // single DES, Blowfish: in an isolated library context with the legacy provider
};

// Opens the envelope with the recipient's key. Failures: "not-for-us" (no recipient matches the certificate),
// "algorithm-refused" (cipher or key transport not on the list; the message names it), "decryption-failed".
Bytes decrypt_envelope(BytesView bytes, const Certificate& recipient, evp_pkey_st* key, const DecryptPolicy& policy);
// Opens the envelope with a password (PBKDF2 and PWRI-KEK, RFC 3211), at most kMaxPasswordIterations.
Bytes decrypt_envelope_with_password(BytesView bytes, const Secret& password, const DecryptPolicy& policy);
inline constexpr std::int64_t kMaxPasswordIterations = 1'000'000;

// DER of an EnvelopedData (content type id-data) for one recipient named by issuer and serial number. RSA keys only:
// fails with "algorithm-refused" for others. Legacy ciphers use the isolated context.
Bytes encrypt_envelope(BytesView content, const Certificate& recipient, ContentCipher cipher,
                       KeyTransport transport = KeyTransport::pkcs1);
Bytes encrypt_envelope_with_password(BytesView content, const Secret& password, ContentCipher cipher);

}  // namespace certctl::crypto
