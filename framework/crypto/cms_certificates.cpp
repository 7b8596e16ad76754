#include "framework/crypto/cms_certificates.hpp"

#include "framework/crypto/error_fence.hpp"
#include "framework/crypto/ossl_ptr.hpp"

#include <certctl/result.hpp>

#include <openssl/cms.h>
#include <openssl/x509.h>

namespace certctl::crypto {

CertificateBag parse_certificates_only(BytesView bytes) {
  open_cms(bytes, kOidCmsSigned, "list of certificates");
  const ErrorFence fence;
  const unsigned char* at = bytes.data();
  const CmsPtr cms(d2i_CMS_ContentInfo(nullptr, &at, static_cast<long>(bytes.size())));
  if (!cms || at != bytes.data() + bytes.size()) malformed("list of certificates: " + first_openssl_error());
  CertificateBag bag;
  if (const X509StackPtr certificates(CMS_get1_certs(cms.get())); certificates) {
    for (int i = 0; i < sk_X509_num(certificates.get()); ++i)
      bag.certificates.push_back(Certificate::from_x509(sk_X509_value(certificates.get(), i)));
  }
  if (const X509CrlStackPtr crls(CMS_get1_crls(cms.get())); crls) {
    for (int i = 0; i < sk_X509_CRL_num(crls.get()); ++i) {
      unsigned char* der = nullptr;
      const int size = i2d_X509_CRL(sk_X509_CRL_value(crls.get(), i), &der);
      if (size <= 0) malformed("revocation list");
      bag.crls.emplace_back(der, der + size);
      OPENSSL_free(der);
    }
  }
  if (STACK_OF(CMS_SignerInfo)* signers = CMS_get0_SignerInfos(cms.get()); signers != nullptr)
    bag.signers = static_cast<std::size_t>(sk_CMS_SignerInfo_num(signers));
  return bag;
}

// SCEP-067, SCEP-068
Bytes build_certificates_only(std::span<const Certificate> certificates, std::span<const Bytes> crls) {
  const ErrorFence fence;
  const auto failed = [] {
    return Failure("encoding-failed", "cannot build a list of certificates: " + first_openssl_error());
  };
  const CmsPtr cms(CMS_sign(nullptr, nullptr, nullptr, nullptr, CMS_PARTIAL | CMS_BINARY | CMS_DETACHED));
  if (!cms) throw failed();
  for (const Certificate& certificate : certificates)
    if (CMS_add1_cert(cms.get(), certificate.get()) != 1) throw failed();
  for (const Bytes& crl : crls) {
    const unsigned char* at = crl.data();
    const X509CrlPtr object(d2i_X509_CRL(nullptr, &at, static_cast<long>(crl.size())));
    if (!object || at != crl.data() + crl.size()) malformed("revocation list");
    if (CMS_add1_crl(cms.get(), object.get()) != 1) throw failed();
  }
  unsigned char* der = nullptr;
  const int size = i2d_CMS_ContentInfo(cms.get(), &der);
  if (size <= 0) throw failed();
  Bytes out(der, der + size);
  OPENSSL_free(der);
  return out;
}

}  // namespace certctl::crypto
