#include "framework/crypto/cms_enveloped.hpp"

#include "framework/crypto/error_fence.hpp"
#include "framework/crypto/legacy_context.hpp"
#include "framework/crypto/ossl_ptr.hpp"

#include <certctl/result.hpp>

#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace certctl::crypto {
namespace {

constexpr std::string_view kOidRsaEncryption = "1.2.840.113549.1.1.1";
constexpr std::string_view kOidRsaOaep = "1.2.840.113549.1.1.7";
constexpr std::string_view kOidPbkdf2 = "1.2.840.113549.1.5.12";
constexpr std::string_view kOidPwriKek = "1.2.840.113549.1.9.16.3.9";
constexpr std::size_t kMaxRecipients = 64;

struct CipherRow {
  ContentCipher cipher;
  std::string_view name;
  std::string_view oid;
  const char* openssl;
  bool legacy;
};
constexpr std::array<CipherRow, 6> kCiphers{{
    {ContentCipher::aes128_cbc, "AES-128-CBC", "2.16.840.1.101.3.4.1.2", "AES-128-CBC", false},
    {ContentCipher::aes192_cbc, "AES-192-CBC", "2.16.840.1.101.3.4.1.22", "AES-192-CBC", false},
    {ContentCipher::aes256_cbc, "AES-256-CBC", "2.16.840.1.101.3.4.1.42", "AES-256-CBC", false},
    {ContentCipher::des3_cbc, "3DES-CBC", "1.2.840.113549.3.7", "DES-EDE3-CBC", false},
    {ContentCipher::des_cbc, "DES-CBC", "1.3.14.3.2.7", "DES-CBC", true},
    {ContentCipher::blowfish_cbc, "Blowfish-CBC", "1.3.6.1.4.1.3029.1.2", "BF-CBC", true},
}};
// Seen in replies, and refused by name.
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kOtherCiphers{{
    {"2.16.840.1.101.3.4.1.6", "AES-128-GCM"},
    {"2.16.840.1.101.3.4.1.26", "AES-192-GCM"},
    {"2.16.840.1.101.3.4.1.46", "AES-256-GCM"},
    {"2.16.840.1.101.3.4.1.7", "AES-128-CCM"},
    {"2.16.840.1.101.3.4.1.47", "AES-256-CCM"},
    {"1.2.840.113549.3.2", "RC2-CBC"},
    {"1.2.840.113549.3.4", "RC4"},
    {"1.2.840.113533.7.66.10", "CAST5-CBC"},
}};

const CipherRow& row_of(ContentCipher cipher) {
  return *std::find_if(kCiphers.begin(), kCiphers.end(), [&](const CipherRow& row) { return row.cipher == cipher; });
}

CmsIdentity read_identity(BerReader& reader) {
  CmsIdentity identity;
  if (const auto key_id = reader.accept(0x80)) {
    identity.key_id.assign(key_id->content.begin(), key_id->content.end());
    return identity;
  }
  BerReader pair(reader.expect(kTagSequence, "recipient identity"));
  const BerElement issuer = pair.expect(kTagSequence, "recipient's issuer");
  const BerElement serial = pair.expect(kTagInteger, "recipient's serial number");
  identity.issuer_der.assign(issuer.whole.begin(), issuer.whole.end());
  identity.serial.assign(serial.content.begin(), serial.content.end());
  return identity;
}

EnvelopeRecipient read_recipient(const BerElement& element) {
  EnvelopeRecipient recipient;
  BerReader reader(element);
  switch (element.identifier) {
    case kTagSequence: {  // KeyTransRecipientInfo
      recipient.kind = RecipientKind::key_transport;
      reader.expect(kTagInteger, "recipient's version");
      recipient.identity = read_identity(reader);
      recipient.key_encryption = algorithm_oid(reader.expect(kTagSequence, "key transport"));
      break;
    }
    case 0xA1: recipient.kind = RecipientKind::key_agreement; break;
    case 0xA2: recipient.kind = RecipientKind::key_encryption_key; break;
    case 0xA3: {  // PasswordRecipientInfo
      recipient.kind = RecipientKind::password;
      reader.expect(kTagInteger, "recipient's version");
      if (const auto derivation = reader.accept(0xA0)) {
        std::optional<BerElement> parameters;
        if (algorithm_oid(*derivation, &parameters) == kOidPbkdf2 && parameters &&
            parameters->identifier == kTagSequence) {
          BerReader pbkdf2(*parameters);
          pbkdf2.next();  // salt
          recipient.iterations = small_integer(pbkdf2.expect(kTagInteger, "iteration count").content);
        }
      }
      recipient.key_encryption = algorithm_oid(reader.expect(kTagSequence, "key wrap"));
      break;
    }
    default: break;
  }
  return recipient;
}

[[noreturn]] void refused(const std::string& what) {
  throw Failure::never("algorithm-refused", what);
}

ContentCipher checked_cipher(const EnvelopeInfo& info, const DecryptPolicy& policy) {
  const auto cipher = cipher_from_oid(info.cipher);
  if (!cipher) refused("the message is encrypted with " + cipher_display(info.cipher) + ", which cannot be read");
  if (is_legacy(*cipher) && !policy.allow_legacy)
    refused("the message is encrypted with " + std::string(name_of(*cipher)) + ", which is not allowed");
  // SCEP-065
  if (info.content_type != kOidCmsData) malformed("encrypted message has the content type " + info.content_type);
  return *cipher;
}

// A message decoded in the library context that its cipher needs.
struct DecodedEnvelope {
  std::unique_ptr<LegacyContext> legacy;  // outlives cms
  CmsPtr cms;
};

DecodedEnvelope decode(BytesView bytes, ContentCipher cipher) {
  DecodedEnvelope decoded;
  if (is_legacy(cipher)) decoded.legacy = std::make_unique<LegacyContext>();
  CMS_ContentInfo* target = CMS_ContentInfo_new_ex(decoded.legacy ? decoded.legacy->get() : nullptr, nullptr);
  const unsigned char* at = bytes.data();
  // On failure d2i frees what it was given.
  decoded.cms.reset(d2i_CMS_ContentInfo(&target, &at, static_cast<long>(bytes.size())));
  if (!decoded.cms || at != bytes.data() + bytes.size()) malformed("encrypted message: " + first_openssl_error());
  return decoded;
}

Bytes read_out(CMS_ContentInfo* cms) {
  const BioPtr out(BIO_new(BIO_s_mem()));
  if (!out || CMS_decrypt(cms, nullptr, nullptr, nullptr, out.get(), CMS_BINARY) != 1)
    throw Failure("decryption-failed", "cannot decrypt the message: " + first_openssl_error());
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  Bytes plain(data, data + size);
  if (size > 0) wipe(data, static_cast<std::size_t>(size));
  return plain;
}

[[noreturn]] void encryption_failed() {
  throw Failure("encryption-failed", "cannot encrypt the message: " + first_openssl_error());
}

Bytes encoded(CMS_ContentInfo* cms) {
  unsigned char* der = nullptr;
  const int size = i2d_CMS_ContentInfo(cms, &der);
  if (size <= 0) encryption_failed();
  Bytes out(der, der + size);
  OPENSSL_free(der);
  return out;
}

BioPtr memory_of(BytesView content) {
  BioPtr bio(BIO_new_mem_buf(content.empty() ? "" : static_cast<const void*>(content.data()),
                             static_cast<int>(content.size())));
  if (!bio) encryption_failed();
  return bio;
}

void choose_transport(EVP_PKEY_CTX* parameters, KeyTransport transport) {
  if (parameters == nullptr) encryption_failed();
  if (transport == KeyTransport::pkcs1) return;
  if (EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_OAEP_PADDING) != 1) encryption_failed();
  if (transport == KeyTransport::oaep_sha256 && (EVP_PKEY_CTX_set_rsa_oaep_md(parameters, EVP_sha256()) != 1 ||
                                                 EVP_PKEY_CTX_set_rsa_mgf1_md(parameters, EVP_sha256()) != 1))
    encryption_failed();
}

}  // namespace

std::string_view name_of(ContentCipher cipher) {
  return row_of(cipher).name;
}
std::string_view cipher_oid(ContentCipher cipher) {
  return row_of(cipher).oid;
}
bool is_legacy(ContentCipher cipher) noexcept {
  return row_of(cipher).legacy;
}

std::optional<KeyTransport> key_transport_from_oid(std::string_view oid) {
  if (oid == kOidRsaEncryption) return KeyTransport::pkcs1;
  if (oid == kOidRsaOaep) return KeyTransport::oaep;
  return std::nullopt;
}

std::optional<ContentCipher> cipher_from_oid(std::string_view oid) {
  for (const CipherRow& row : kCiphers)
    if (row.oid == oid) return row.cipher;
  return std::nullopt;
}

std::string cipher_display(std::string_view oid) {
  if (const auto cipher = cipher_from_oid(oid)) return std::string(name_of(*cipher));
  for (const auto& [other, name] : kOtherCiphers)
    if (other == oid) return std::string(name);
  return "the cipher " + std::string(oid);
}

EnvelopeInfo inspect_envelope(BytesView bytes) {
  EnvelopeInfo info;
  BerReader envelope(open_cms(bytes, kOidCmsEnveloped, "encrypted message"));
  envelope.expect(kTagInteger, "version");
  envelope.accept(0xA0);  // originatorInfo
  BerReader recipients(envelope.expect(kTagSet, "recipients"));
  while (!recipients.done()) {
    if (info.recipients.size() == kMaxRecipients) malformed("encrypted message has too many recipients");
    info.recipients.push_back(read_recipient(recipients.next()));
  }
  if (info.recipients.empty()) malformed("encrypted message has no recipient");
  BerReader content(envelope.expect(kTagSequence, "encrypted content"));
  info.content_type = oid_text(content.expect(kTagOid, "type of the encrypted content").content);
  info.cipher = algorithm_oid(content.expect(kTagSequence, "content cipher"));
  return info;
}

Bytes decrypt_envelope(BytesView bytes, const Certificate& recipient, evp_pkey_st* key, const DecryptPolicy& policy) {
  const ErrorFence fence;
  const EnvelopeInfo info = inspect_envelope(bytes);
  const ContentCipher cipher = checked_cipher(info, policy);
  const DecodedEnvelope decoded = decode(bytes, cipher);
  STACK_OF(CMS_RecipientInfo)* recipients = CMS_get0_RecipientInfos(decoded.cms.get());
  int ours = -1;
  for (int i = 0; recipients != nullptr && i < sk_CMS_RecipientInfo_num(recipients) && ours < 0; ++i) {
    CMS_RecipientInfo* candidate = sk_CMS_RecipientInfo_value(recipients, i);
    if (CMS_RecipientInfo_type(candidate) == CMS_RECIPINFO_TRANS &&
        CMS_RecipientInfo_ktri_cert_cmp(candidate, recipient.get()) == 0)
      ours = i;
  }
  if (ours < 0 || static_cast<std::size_t>(ours) >= info.recipients.size())
    throw Failure("not-for-us", "the message is not encrypted to our certificate");
  const std::string& transport = info.recipients[static_cast<std::size_t>(ours)].key_encryption;
  if (transport != kOidRsaEncryption && transport != kOidRsaOaep)
    refused("the message's key is encrypted with the algorithm " + transport + ", which is not supported");
  if (CMS_decrypt_set1_pkey(decoded.cms.get(), key, recipient.get()) != 1)
    throw Failure("decryption-failed", "cannot decrypt the message: " + first_openssl_error());
  return read_out(decoded.cms.get());
}

Bytes decrypt_envelope_with_password(BytesView bytes, const Secret& password, const DecryptPolicy& policy) {
  const ErrorFence fence;
  const EnvelopeInfo info = inspect_envelope(bytes);
  const ContentCipher cipher = checked_cipher(info, policy);
  bool found = false;
  for (const EnvelopeRecipient& recipient : info.recipients) {
    if (recipient.kind != RecipientKind::password) continue;
    if (recipient.key_encryption != kOidPwriKek)
      refused("the message's key is wrapped with the algorithm " + recipient.key_encryption +
              ", which is not supported");
    // A count without limit would keep a small router busy for hours.
    if (recipient.iterations < 1 || recipient.iterations > kMaxPasswordIterations)
      refused("the message's key is derived from the password in an unsupported way");
    found = true;
  }
  if (!found) throw Failure("not-for-us", "the message is not encrypted with a password");
  const DecodedEnvelope decoded = decode(bytes, cipher);
  std::string text = password.reveal();
  const int ok = CMS_decrypt_set1_password(decoded.cms.get(), reinterpret_cast<unsigned char*>(text.data()),
                                           static_cast<ossl_ssize_t>(text.size()));
  wipe(text.data(), text.size());
  if (ok != 1) throw Failure("decryption-failed", "cannot decrypt the message with the challenge password");
  return read_out(decoded.cms.get());
}

// SCEP-100
Bytes encrypt_envelope(BytesView content, const Certificate& recipient, ContentCipher cipher, KeyTransport transport) {
  const ErrorFence fence;
  if (EVP_PKEY_get_base_id(X509_get0_pubkey(recipient.get())) != EVP_PKEY_RSA)
    refused("cannot encrypt to the key of " + recipient.subject_text() + ": it is no RSA key");
  const std::unique_ptr<LegacyContext> legacy = is_legacy(cipher) ? std::make_unique<LegacyContext>() : nullptr;
  OSSL_LIB_CTX* const context = legacy ? legacy->get() : nullptr;
  const EvpCipherPtr algorithm(EVP_CIPHER_fetch(context, row_of(cipher).openssl, nullptr));
  if (!algorithm) encryption_failed();
  const CmsPtr cms(CMS_EnvelopedData_create_ex(algorithm.get(), context, nullptr));
  if (!cms) encryption_failed();
  CMS_set_detached(cms.get(), 0);  // the content goes into the message
  CMS_RecipientInfo* const info = CMS_add1_recipient_cert(cms.get(), recipient.get(), CMS_KEY_PARAM);
  if (info == nullptr) encryption_failed();
  choose_transport(CMS_RecipientInfo_get0_pkey_ctx(info), transport);
  const BioPtr input = memory_of(content);
  if (CMS_final(cms.get(), input.get(), nullptr, CMS_BINARY) != 1) encryption_failed();
  return encoded(cms.get());
}

// SCEP-101
Bytes encrypt_envelope_with_password(BytesView content, const Secret& password, ContentCipher cipher) {
  const ErrorFence fence;
  if (password.empty()) refused("cannot encrypt a message with an empty password");
  const std::unique_ptr<LegacyContext> legacy = is_legacy(cipher) ? std::make_unique<LegacyContext>() : nullptr;
  OSSL_LIB_CTX* const context = legacy ? legacy->get() : nullptr;
  const EvpCipherPtr algorithm(EVP_CIPHER_fetch(context, row_of(cipher).openssl, nullptr));
  if (!algorithm) encryption_failed();
  const CmsPtr cms(CMS_EnvelopedData_create_ex(algorithm.get(), context, nullptr));
  if (cms) CMS_set_detached(cms.get(), 0);  // the content goes into the message
  const std::size_t size = password.reveal().size();
  auto* text = static_cast<unsigned char*>(OPENSSL_malloc(size));
  if (!cms || text == nullptr) encryption_failed();
  std::memcpy(text, password.reveal().data(), size);
  // PBKDF2 with HMAC-SHA-1 and the content cipher as key wrap: what peers built on OpenSSL read.
  if (CMS_add0_recipient_password(cms.get(), -1, NID_undef, NID_undef, text, static_cast<ossl_ssize_t>(size),
                                  nullptr) == nullptr)
    encryption_failed();  // who owns `text` then depends on how far it got: better lost than freed twice
  const BioPtr input = memory_of(content);
  if (CMS_final(cms.get(), input.get(), nullptr, CMS_BINARY) != 1) encryption_failed();
  return encoded(cms.get());
}

}  // namespace certctl::crypto
