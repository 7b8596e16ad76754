// Owning pointers to OpenSSL objects. Deleters are stateless: each pointer is as wide as a plain one. For .cpp files;
// public headers forward declare instead.
#pragma once

#include <certctl/types.hpp>

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/cms.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

namespace certctl::crypto {

template <auto Free>
struct OsslDelete {
  template <class T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};
template <class T, auto Free>
using OsslPtr = std::unique_ptr<T, OsslDelete<Free>>;

// Stacks that own their elements, and memory of OPENSSL_malloc: their release functions are macros.
struct OsslStackDelete {
  void operator()(STACK_OF(X509) * stack) const noexcept { sk_X509_pop_free(stack, X509_free); }
  void operator()(STACK_OF(X509_CRL) * stack) const noexcept { sk_X509_CRL_pop_free(stack, X509_CRL_free); }
  void operator()(STACK_OF(X509_EXTENSION) * stack) const noexcept {
    sk_X509_EXTENSION_pop_free(stack, X509_EXTENSION_free);
  }
};
struct OsslMemoryDelete {
  void operator()(void* memory) const noexcept { OPENSSL_free(memory); }
};

using Asn1BitStringPtr = OsslPtr<ASN1_BIT_STRING, &ASN1_BIT_STRING_free>;
using Asn1IntegerPtr = OsslPtr<ASN1_INTEGER, &ASN1_INTEGER_free>;
using Asn1ObjectPtr = OsslPtr<ASN1_OBJECT, &ASN1_OBJECT_free>;
using Asn1OctetStringPtr = OsslPtr<ASN1_OCTET_STRING, &ASN1_OCTET_STRING_free>;
using Asn1StringPtr = OsslPtr<ASN1_STRING, &ASN1_STRING_free>;
using Asn1TimePtr = OsslPtr<ASN1_TIME, &ASN1_TIME_free>;
using Asn1TypePtr = OsslPtr<ASN1_TYPE, &ASN1_TYPE_free>;
using AuthorityKeyIdPtr = OsslPtr<AUTHORITY_KEYID, &AUTHORITY_KEYID_free>;
using BasicConstraintsPtr = OsslPtr<BASIC_CONSTRAINTS, &BASIC_CONSTRAINTS_free>;
using BignumPtr = OsslPtr<BIGNUM, &BN_free>;
using BioPtr = OsslPtr<BIO, &BIO_free_all>;
using CmsPtr = OsslPtr<CMS_ContentInfo, &CMS_ContentInfo_free>;
using EvpCipherPtr = OsslPtr<EVP_CIPHER, &EVP_CIPHER_free>;
using EvpMdCtxPtr = OsslPtr<EVP_MD_CTX, &EVP_MD_CTX_free>;
using EvpMdPtr = OsslPtr<EVP_MD, &EVP_MD_free>;
using EvpPkeyCtxPtr = OsslPtr<EVP_PKEY_CTX, &EVP_PKEY_CTX_free>;
using EvpPkeyPtr = OsslPtr<EVP_PKEY, &EVP_PKEY_free>;
using ExtendedKeyUsagePtr = OsslPtr<EXTENDED_KEY_USAGE, &EXTENDED_KEY_USAGE_free>;
using GeneralNamePtr = OsslPtr<GENERAL_NAME, &GENERAL_NAME_free>;
using GeneralNamesPtr = OsslPtr<GENERAL_NAMES, &GENERAL_NAMES_free>;
using OsslMemoryPtr = std::unique_ptr<unsigned char, OsslMemoryDelete>;
using Pkcs8Ptr = OsslPtr<PKCS8_PRIV_KEY_INFO, &PKCS8_PRIV_KEY_INFO_free>;
using X509AttributePtr = OsslPtr<X509_ATTRIBUTE, &X509_ATTRIBUTE_free>;
using X509CrlPtr = OsslPtr<X509_CRL, &X509_CRL_free>;
using X509CrlStackPtr = std::unique_ptr<STACK_OF(X509_CRL), OsslStackDelete>;
using X509ExtensionPtr = OsslPtr<X509_EXTENSION, &X509_EXTENSION_free>;
using X509ExtensionStackPtr = std::unique_ptr<STACK_OF(X509_EXTENSION), OsslStackDelete>;
using X509NamePtr = OsslPtr<X509_NAME, &X509_NAME_free>;
using X509Ptr = OsslPtr<X509, &X509_free>;
using X509ReqPtr = OsslPtr<X509_REQ, &X509_REQ_free>;
using X509RevokedPtr = OsslPtr<X509_REVOKED, &X509_REVOKED_free>;
using X509StackPtr = std::unique_ptr<STACK_OF(X509), OsslStackDelete>;
using X509StoreCtxPtr = OsslPtr<X509_STORE_CTX, &X509_STORE_CTX_free>;
using X509StorePtr = OsslPtr<X509_STORE, &X509_STORE_free>;

// DER of an object, by its i2d function; empty when that fails.
template <class I2d, class Object>
[[nodiscard]] Bytes encoded(I2d i2d, Object* object) {
  unsigned char* der = nullptr;
  const int size = i2d(object, &der);
  const OsslMemoryPtr owner(der);
  return size > 0 ? Bytes(der, der + size) : Bytes{};
}

}  // namespace certctl::crypto
