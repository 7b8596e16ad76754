#include "framework/crypto/self_signed.hpp"

#include "framework/crypto/error_fence.hpp"
#include "framework/crypto/x509_parts.hpp"

#include <certctl/result.hpp>

namespace certctl::crypto {
namespace {

constexpr const char* kSelfSignedFailed = "self-signed-failed";

}  // namespace

Certificate make_self_signed(BytesView subject_der, const Key& key, TimePoint now, std::chrono::seconds lifetime,
                             Digest digest) {
  const ErrorFence fence;
  const X509NamePtr name = decode_name(subject_der, kSelfSignedFailed);
  const Asn1IntegerPtr serial = make_serial({}, kSelfSignedFailed);
  const Asn1TimePtr begin = make_time(now - std::chrono::hours(24), kSelfSignedFailed);
  const Asn1TimePtr end = make_time(now + lifetime, kSelfSignedFailed);
  // SCEP-011
  const unsigned usage = key.type() == PublicKeyType::rsa ? kDigitalSignature | kKeyEncipherment : kDigitalSignature;
  const X509ExtensionPtr extension = make_extension("2.5.29.15", true, key_usage_der(usage), kSelfSignedFailed);
  const X509Ptr certificate(X509_new());
  if (!certificate || X509_set_version(certificate.get(), X509_VERSION_3) != 1 ||
      X509_set_serialNumber(certificate.get(), serial.get()) != 1 ||
      X509_set_subject_name(certificate.get(), name.get()) != 1 ||
      X509_set_issuer_name(certificate.get(), name.get()) != 1 ||
      X509_set1_notBefore(certificate.get(), begin.get()) != 1 ||
      X509_set1_notAfter(certificate.get(), end.get()) != 1 || X509_set_pubkey(certificate.get(), key.get()) != 1 ||
      X509_add_ext(certificate.get(), extension.get(), -1) != 1 ||
      X509_sign(certificate.get(), key.get(), signature_digest(digest, key.get())) <= 0)
    openssl_failed(kSelfSignedFailed, "a self-signed certificate");
  // Parsed anew, so that what is handed out is what will be sent.
  return Certificate::from_der(encoded(&i2d_X509, certificate.get()));
}

}  // namespace certctl::crypto
