#include "framework/crypto/cms_signed.hpp"

#include "framework/crypto/der.hpp"
#include "framework/crypto/error_fence.hpp"
#include "framework/crypto/ossl_ptr.hpp"

#include <certctl/result.hpp>

#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include <algorithm>

namespace certctl::crypto {
namespace {

// A hostile message could name one certificate very often; each trial costs a signature verification.
constexpr int kMaxTrials = 4;

CmsPtr decode(BytesView bytes) {
  const unsigned char* at = bytes.data();
  CmsPtr cms(d2i_CMS_ContentInfo(nullptr, &at, static_cast<long>(bytes.size())));
  if (!cms || at != bytes.data() + bytes.size()) malformed("signed message: " + first_openssl_error());
  return cms;
}

std::string object_text(const ASN1_OBJECT* object) {
  if (object == nullptr) malformed("object identifier is missing");
  return oid_text({OBJ_get0_data(object), OBJ_length(object)});
}

Bytes name_der(const X509_NAME* name) {
  unsigned char* der = nullptr;
  const int size = i2d_X509_NAME(const_cast<X509_NAME*>(name), &der);
  if (size <= 0) malformed("issuer name");
  Bytes out(der, der + size);
  OPENSSL_free(der);
  return out;
}

CmsIdentity identity_of(CMS_SignerInfo* signer) {
  ASN1_OCTET_STRING* key_id = nullptr;
  X509_NAME* issuer = nullptr;
  ASN1_INTEGER* serial = nullptr;
  if (CMS_SignerInfo_get0_signer_id(signer, &key_id, &issuer, &serial) != 1) malformed("signer identity");
  CmsIdentity identity;
  if (key_id != nullptr) {
    identity.key_id.assign(ASN1_STRING_get0_data(key_id), ASN1_STRING_get0_data(key_id) + ASN1_STRING_length(key_id));
    return identity;
  }
  identity.issuer_der = name_der(issuer);
  unsigned char* der = nullptr;
  const int size = i2d_ASN1_INTEGER(serial, &der);
  if (size <= 0) malformed("serial number");
  const Bytes encoded(der, der + size);
  OPENSSL_free(der);
  const BerElement element = read_whole(encoded, kTagInteger, "serial number");
  identity.serial.assign(element.content.begin(), element.content.end());
  return identity;
}

SignedAttribute attribute_of(X509_ATTRIBUTE* attribute) {
  SignedAttribute out;
  out.oid = object_text(X509_ATTRIBUTE_get0_object(attribute));
  for (int i = 0; i < X509_ATTRIBUTE_count(attribute); ++i) {
    unsigned char* der = nullptr;
    const int size = i2d_ASN1_TYPE(X509_ATTRIBUTE_get0_type(attribute, i), &der);
    if (size <= 0) malformed("signed attribute");
    const Bytes encoded(der, der + size);
    OPENSSL_free(der);
    const BerElement element = BerReader(encoded).next();
    out.values.push_back({element.identifier, Bytes(element.content.begin(), element.content.end())});
  }
  return out;
}

const EVP_MD* evp_of(Digest digest) {
  switch (digest) {
    case Digest::md5: return EVP_md5();
    case Digest::sha1: return EVP_sha1();
    case Digest::sha224: return EVP_sha224();
    case Digest::sha256: return EVP_sha256();
    case Digest::sha384: return EVP_sha384();
    case Digest::sha512: return EVP_sha512();
  }
  return EVP_sha256();
}

Bytes attribute_der(const SignedAttribute& attribute) {
  std::vector<Bytes> values;
  for (const AttributeValue& value : attribute.values) values.push_back(der_element(value.identifier, value.content));
  const Bytes set = der_set_of(std::move(values));
  return der_sequence({der_oid(attribute.oid), set});
}

[[noreturn]] void signing_failed(const std::string& what) {
  throw Failure("signing-failed", "cannot sign a message: " + what + ": " + first_openssl_error());
}

AttributeValue time_value(TimePoint time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  Asn1TimePtr encoded(ASN1_TIME_set(nullptr, seconds));  // UTCTime before 2050, else GeneralizedTime
  if (!encoded) signing_failed("signing time");
  const unsigned char* data = ASN1_STRING_get0_data(encoded.get());
  return {static_cast<std::uint8_t>(ASN1_STRING_type(encoded.get())),
          Bytes(data, data + ASN1_STRING_length(encoded.get()))};
}

Bytes digest_of(BytesView content, const EVP_MD* md) {
  Bytes out(static_cast<std::size_t>(EVP_MD_get_size(md)));
  static constexpr std::uint8_t kNothing = 0;
  const std::uint8_t* data = content.empty() ? &kNothing : content.data();
  if (EVP_Digest(data, content.size(), out.data(), nullptr, md, nullptr) != 1) signing_failed("digest");
  return out;
}

Bytes signature_over(BytesView data, const EVP_MD* md, EVP_PKEY* key) {
  EvpMdCtxPtr context(EVP_MD_CTX_new());
  std::size_t size = 0;
  if (!context || EVP_DigestSignInit(context.get(), nullptr, md, nullptr, key) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, data.data(), data.size()) != 1)
    signing_failed("signature");
  Bytes signature(size);
  if (EVP_DigestSign(context.get(), signature.data(), &size, data.data(), data.size()) != 1)
    signing_failed("signature");
  signature.resize(size);
  return signature;
}

// The given attributes, and those of every message.
std::vector<SignedAttribute> all_attributes(std::optional<BytesView> content, const EVP_MD* md,
                                            const SignOptions& options) {
  std::vector<SignedAttribute> attributes = options.attributes;
  if (!options.omit_content_type) {
    const Bytes oid = der_oid(options.wrong_content_type ? kOidCmsSigned : kOidCmsData);
    attributes.push_back({"1.2.840.113549.1.9.3", {{kTagOid, Bytes(oid.begin() + 2, oid.end())}}});
  }
  if (!options.omit_message_digest) {
    static constexpr std::uint8_t kOther[] = {'o', 't', 'h', 'e', 'r'};
    const BytesView digested = options.wrong_message_digest ? BytesView(kOther) : content.value_or(BytesView{});
    attributes.push_back({"1.2.840.113549.1.9.4", {{kTagOctetString, digest_of(digested, md)}}});
  }
  if (options.signing_time) attributes.push_back({"1.2.840.113549.1.9.5", {time_value(*options.signing_time)}});
  return attributes;
}

}  // namespace

SignedMessage SignedMessage::parse(BytesView bytes) {
  open_cms(bytes, kOidCmsSigned, "signed message");
  const ErrorFence fence;
  const CmsPtr cms = decode(bytes);
  SignedMessage message;
  message.raw_.assign(bytes.begin(), bytes.end());
  message.content_type_ = object_text(CMS_get0_eContentType(cms.get()));
  ASN1_OCTET_STRING** content = CMS_get0_content(cms.get());
  if (content != nullptr && *content != nullptr) {
    const unsigned char* data = ASN1_STRING_get0_data(*content);
    message.content_.assign(data, data + ASN1_STRING_length(*content));
    message.content_state_ = message.content_.empty() ? Content::empty : Content::present;
  }
  if (X509StackPtr certificates(CMS_get1_certs(cms.get())); certificates) {
    for (int i = 0; i < sk_X509_num(certificates.get()); ++i)
      message.certificates_.push_back(Certificate::from_x509(sk_X509_value(certificates.get(), i)));
  }
  STACK_OF(CMS_SignerInfo)* signers = CMS_get0_SignerInfos(cms.get());
  if (signers == nullptr || sk_CMS_SignerInfo_num(signers) != 1) malformed("signed message has not exactly one signer");
  CMS_SignerInfo* signer = sk_CMS_SignerInfo_value(signers, 0);
  message.signer_ = identity_of(signer);
  X509_ALGOR* digest = nullptr;
  X509_ALGOR* signature = nullptr;
  CMS_SignerInfo_get0_algs(signer, nullptr, nullptr, &digest, &signature);
  const ASN1_OBJECT* algorithm = nullptr;
  X509_ALGOR_get0(&algorithm, nullptr, nullptr, digest);
  message.digest_oid_ = object_text(algorithm);
  X509_ALGOR_get0(&algorithm, nullptr, nullptr, signature);
  message.signature_oid_ = object_text(algorithm);
  const int count = CMS_signed_get_attr_count(signer);
  // SCEP-064
  if (count <= 0) malformed("signed message has no signed attributes");
  for (int i = 0; i < count; ++i) message.attributes_.push_back(attribute_of(CMS_signed_get_attr(signer, i)));
  return message;
}

const AttributeValue* SignedMessage::attribute(std::string_view oid) const {
  const SignedAttribute* found = nullptr;
  for (const SignedAttribute& attribute : attributes_) {
    if (attribute.oid != oid) continue;
    if (found != nullptr || attribute.values.size() != 1)
      malformed("signed attribute " + std::string(oid) + " has more than one value");
    found = &attribute;
  }
  return found == nullptr ? nullptr : &found->values.front();
}

std::size_t SignedMessage::verify(std::span<const Certificate> candidates) const {
  const ErrorFence fence;
  // RFC 5652 §5.6, §11.1: OpenSSL asks that the attribute is there, and not what it says.
  if (const AttributeValue* type = attribute("1.2.840.113549.1.9.3");
      type != nullptr && (type->identifier != kTagOid || oid_text(type->content) != content_type_))
    throw Failure("signature-invalid", "signed message: what is signed is the content type " +
                                           (type->identifier == kTagOid ? oid_text(type->content) : "none") +
                                           ", and the message has " + content_type_);
  int trials = 0;
  std::string reason;
  for (std::size_t i = 0; i < candidates.size() && trials < kMaxTrials; ++i) {
    // Decoded anew for each trial: a CMS_SignerInfo keeps the first certificate that it was given.
    const CmsPtr cms = decode(raw_);
    CMS_SignerInfo* signer = sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms.get()), 0);
    if (CMS_SignerInfo_cert_cmp(signer, candidates[i].get()) != 0) continue;
    ++trials;
    CMS_SignerInfo_set1_signer_cert(signer, candidates[i].get());
    // RFC 5652 §5.3: the digest covers the content octets; an absent content is verified as an empty one.
    const BioPtr nothing(content_state_ == Content::absent ? BIO_new_mem_buf("", 0) : nullptr);
    if (CMS_verify(cms.get(), nullptr, nullptr, nothing.get(), nullptr,
                   CMS_NOINTERN | CMS_NO_SIGNER_CERT_VERIFY | CMS_BINARY) == 1)
      return i;
    reason = first_openssl_error();
  }
  if (trials == 0)
    throw Failure("signer-unknown", "signed message: its signer is none of the certificates that may sign it");
  throw Failure("signature-invalid", "signed message: the signature does not verify: " + reason);
}

Bytes sign_message(std::optional<BytesView> content, const Certificate& signer, evp_pkey_st* key,
                   const SignOptions& options) {
  const ErrorFence fence;
  const EVP_MD* md = evp_of(options.digest);
  const CmsPtr cms(CMS_sign(nullptr, nullptr, nullptr, nullptr, CMS_PARTIAL | CMS_BINARY | CMS_DETACHED));
  if (!cms) signing_failed("message");
  if (content) {
    ASN1_OCTET_STRING** slot = CMS_get0_content(cms.get());
    if (slot == nullptr) signing_failed("content");
    if (*slot == nullptr) *slot = ASN1_OCTET_STRING_new();
    if (*slot == nullptr || ASN1_OCTET_STRING_set(*slot, content->data(), static_cast<int>(content->size())) != 1)
      signing_failed("content");
  }
  const unsigned flags = CMS_PARTIAL | CMS_BINARY | CMS_NOSMIMECAP | (options.include_signer ? 0U : CMS_NOCERTS);
  // SCEP-016, SCEP-069
  CMS_SignerInfo* info = CMS_add1_signer(cms.get(), signer.get(), key, md, flags);
  if (info == nullptr) signing_failed("signer");
  for (const Certificate& certificate : options.more_certificates) {
    ErrorFence duplicate;  // the same certificate twice is refused, and no error here
    (void)CMS_add1_cert(cms.get(), certificate.get());
  }

  // The attributes are signed here and not by CMS_final(): OpenSSL 3.0 adds the system's time as signingTime whether
  // it is to be trusted or not.
  std::vector<Bytes> encoded;
  for (const SignedAttribute& attribute : all_attributes(content, md, options)) {
    encoded.push_back(attribute_der(attribute));
    const unsigned char* at = encoded.back().data();
    const X509AttributePtr object(d2i_X509_ATTRIBUTE(nullptr, &at, static_cast<long>(encoded.back().size())));
    const int added = !object                       ? 0
                      : options.attributes_unsigned ? CMS_unsigned_add1_attr(info, object.get())
                                                    : CMS_signed_add1_attr(info, object.get());
    if (added != 1) signing_failed("attribute " + attribute.oid);
  }
  // RFC 5652 §5.4: the signature covers the DER of the attributes as a SET OF; without signed attributes the content.
  Bytes signature = options.attributes_unsigned ? signature_over(content.value_or(BytesView{}), md, key)
                                                : signature_over(der_set_of(std::move(encoded)), md, key);
  if (options.corrupt_signature) signature.back() ^= 0x01U;
  if (ASN1_OCTET_STRING_set(CMS_SignerInfo_get0_signature(info), signature.data(),
                            static_cast<int>(signature.size())) != 1)
    signing_failed("signature");
  if (options.combined_signature_oid) {
    X509_ALGOR* algorithm = nullptr;
    CMS_SignerInfo_get0_algs(info, nullptr, nullptr, nullptr, &algorithm);
    int combined = NID_undef;
    if (OBJ_find_sigid_by_algs(&combined, EVP_MD_get_type(md), EVP_PKEY_get_base_id(key)) != 1 ||
        X509_ALGOR_set0(algorithm, OBJ_nid2obj(combined), V_ASN1_NULL, nullptr) != 1)
      signing_failed("signature algorithm");
  }
  if (options.absent_parameters) {
    X509_ALGOR* algorithm = nullptr;
    CMS_SignerInfo_get0_algs(info, nullptr, nullptr, nullptr, &algorithm);
    if (X509_ALGOR_set0(algorithm, OBJ_nid2obj(EVP_PKEY_get_base_id(key)), V_ASN1_UNDEF, nullptr) != 1)
      signing_failed("signature algorithm");
  }
  unsigned char* der = nullptr;
  const int size = i2d_CMS_ContentInfo(cms.get(), &der);
  if (size <= 0) signing_failed("encoding");
  Bytes out(der, der + size);
  OPENSSL_free(der);
  return out;
}

}  // namespace certctl::crypto
