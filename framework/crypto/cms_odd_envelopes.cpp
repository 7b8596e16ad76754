#include "framework/crypto/cms_odd_envelopes.hpp"

#include "framework/crypto/error_fence.hpp"
#include "framework/crypto/ossl_ptr.hpp"

#include <certctl/result.hpp>

#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/rsa.h>

namespace certctl::crypto {
namespace {

[[noreturn]] void failed() {
  throw Failure("algorithm-refused", "cannot make such an envelope: " + first_openssl_error());
}

const EVP_CIPHER* evp_of(ContentCipher cipher) {
  switch (cipher) {
    case ContentCipher::aes192_cbc: return EVP_aes_192_cbc();
    case ContentCipher::aes256_cbc: return EVP_aes_256_cbc();
    case ContentCipher::des3_cbc: return EVP_des_ede3_cbc();
    default: return EVP_aes_128_cbc();
  }
}

CMS_RecipientInfo* add(CMS_ContentInfo* cms, const Certificate& certificate) {
  CMS_RecipientInfo* recipient = CMS_add1_recipient_cert(cms, certificate.get(), CMS_KEY_PARAM);
  if (recipient == nullptr) failed();
  return recipient;
}

void add_symmetric(CMS_ContentInfo* cms) {
  constexpr std::size_t kSize = 16;
  auto* key = static_cast<unsigned char*>(OPENSSL_zalloc(kSize));
  auto* id = static_cast<unsigned char*>(OPENSSL_zalloc(kSize));
  if (key == nullptr || id == nullptr ||
      CMS_add0_recipient_key(cms, NID_id_aes128_wrap, key, kSize, id, kSize, nullptr, nullptr, nullptr) == nullptr)
    failed();
}

}  // namespace

Bytes odd_envelope(OddEnvelope kind, BytesView content, const Certificate& recipient, const Certificate& other,
                   ContentCipher cipher) {
  const ErrorFence fence;
  const CmsPtr cms(kind == OddEnvelope::authenticated ? CMS_AuthEnvelopedData_create(EVP_aes_128_gcm())
                                                      : CMS_EnvelopedData_create(evp_of(cipher)));
  if (!cms) failed();
  CMS_set_detached(cms.get(), 0);  // the content goes into the message
  CMS_RecipientInfo* last = nullptr;
  switch (kind) {
    case OddEnvelope::two_recipients:
      add(cms.get(), other);
      add(cms.get(), recipient);
      break;
    case OddEnvelope::key_encryption_key: add_symmetric(cms.get()); break;
    case OddEnvelope::key_agreement: add(cms.get(), other); break;
    default: last = add(cms.get(), recipient); break;
  }
  if (kind == OddEnvelope::oaep) {
    EVP_PKEY_CTX* context = CMS_RecipientInfo_get0_pkey_ctx(last);
    if (context == nullptr || EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) != 1) failed();
  }
  const BioPtr input(BIO_new_mem_buf(content.data(), static_cast<int>(content.size())));
  if (!input || CMS_final(cms.get(), input.get(), nullptr, CMS_BINARY) != 1) failed();
  if (kind == OddEnvelope::absent_parameters) {
    X509_ALGOR* algorithm = nullptr;
    if (CMS_RecipientInfo_ktri_get0_algs(last, nullptr, nullptr, &algorithm) != 1 ||
        X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_rsaEncryption), V_ASN1_UNDEF, nullptr) != 1)
      failed();
  }
  unsigned char* der = nullptr;
  const int size = i2d_CMS_ContentInfo(cms.get(), &der);
  if (size <= 0) failed();
  Bytes out(der, der + size);
  OPENSSL_free(der);
  return out;
}

}  // namespace certctl::crypto
