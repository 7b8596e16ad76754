#include "framework/crypto/certificate.hpp"

#include "framework/crypto/alt_name.hpp"
#include "framework/crypto/asn1_time.hpp"
#include "framework/crypto/certificate_outline.hpp"
#include "framework/crypto/digest.hpp"
#include "framework/crypto/error_fence.hpp"
#include "framework/crypto/name.hpp"
#include "framework/crypto/ossl_ptr.hpp"
#include "framework/crypto/pem.hpp"
#include "framework/crypto/public_half.hpp"
#include "framework/crypto/random.hpp"

#include <certctl/result.hpp>

#include <algorithm>
#include <mutex>
#include <utility>

namespace certctl::crypto {
namespace {

[[nodiscard]] Failure unreadable(const std::string& what) {
  return Failure::never("certificate-unreadable", "not a valid certificate: " + what);
}

Bytes name_bytes(const X509_NAME* name) {
  const unsigned char* der = nullptr;
  std::size_t size = 0;
  if (X509_NAME_get0_der(name, &der, &size) != 1 || der == nullptr) throw unreadable("name");
  return Bytes(der, der + size);
}

Bytes content_of(const ASN1_OCTET_STRING* string) {
  if (string == nullptr) return {};
  const unsigned char* data = ASN1_STRING_get0_data(string);
  return Bytes(data, data + ASN1_STRING_length(string));
}

// What an accessor reads lazily may be malformed: the same failure as at parsing.
template <class Read>
auto readable(Read&& read) -> decltype(read()) {
  try {
    return read();
  } catch (const Failure& failure) {
    if (failure.error().code == "malformed-message") throw unreadable(failure.error().message);
    throw;
  }
}

X509Ptr decoded(BytesView der) {
  const ErrorFence fence;
  const unsigned char* at = der.data();
  X509Ptr certificate(der.empty() ? nullptr : d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (!certificate) throw unreadable(der.empty() ? "it is empty" : first_openssl_error());
  if (at != der.data() + der.size()) throw unreadable("there are bytes after its end");
  return certificate;
}

bool is_certificate_label(const std::string& label) {
  if (label == "TRUSTED CERTIFICATE")
    throw unreadable("'TRUSTED CERTIFICATE' is OpenSSL's own format; convert it with `openssl x509`");
  return label == "CERTIFICATE" || label == "X509 CERTIFICATE";
}

}  // namespace

// Made in one of two ways: with an outline, and OpenSSL's object follows; or with that object, and no outline.
struct Certificate::Body {
  explicit Body(BytesView bytes) : der(bytes.begin(), bytes.end()), outline(outline_certificate(der)) {
    if (!outline) return;
    not_before = outline->not_before;
    not_after = outline->not_after;
  }
  explicit Body(X509Ptr made) : object(std::move(made)) {
    const auto begin = time_seconds(X509_get0_notBefore(object.get()));
    const auto end = time_seconds(X509_get0_notAfter(object.get()));
    if (!begin || !end) throw unreadable("its validity times cannot be read");
    not_before = *begin;
    not_after = *end;
  }

  Bytes der;
  std::optional<CertificateOutline> outline;  // of `der`
  mutable std::once_flag once;
  mutable X509Ptr object;
  std::int64_t not_before = 0;
  std::int64_t not_after = 0;
};

Certificate::Certificate(std::shared_ptr<const Body> body) : body_(std::move(body)) {}

x509_st* Certificate::get() const {
  if (body_->outline) std::call_once(body_->once, [this] { body_->object = decoded(body_->der); });
  return body_->object.get();
}

std::int64_t Certificate::not_before_seconds() const noexcept {
  return body_->not_before;
}
std::int64_t Certificate::not_after_seconds() const noexcept {
  return body_->not_after;
}

Certificate Certificate::from_pem(std::string_view text) {
  for (const PemBlock& block : split_pem(text))
    if (is_certificate_label(block.label)) return from_der(pem_decode(block));
  throw unreadable("there is no PEM block CERTIFICATE");
}

Certificate Certificate::from_der(BytesView der) {
  if (der.size() > kMaxCertificateBytes)
    throw unreadable("it is larger than " + std::to_string(kMaxCertificateBytes) + " octets");
  if (auto body = std::make_shared<const Body>(der); body->outline) return Certificate(std::move(body));
  return Certificate(std::make_shared<const Body>(decoded(der)));
}

std::vector<Certificate> Certificate::all_from_pem(std::string_view text) {
  std::vector<Certificate> all;
  for (const PemBlock& block : split_pem(text))
    if (is_certificate_label(block.label)) all.push_back(from_der(pem_decode(block)));
  return all;
}

std::vector<Certificate> Certificate::each_from_pem(const std::vector<std::string>& texts) {
  std::vector<Certificate> certificates;
  certificates.reserve(texts.size());
  for (const std::string& text : texts) certificates.push_back(from_pem(text));
  return certificates;
}

Certificate Certificate::from_x509(x509_st* certificate) {
  const ErrorFence fence;
  if (certificate == nullptr || X509_up_ref(certificate) != 1)
    throw Failure::never("internal", "a certificate handle is empty");
  return Certificate(std::make_shared<const Body>(X509Ptr(certificate)));
}

Bytes Certificate::der() const {
  if (body_->outline) return body_->der;
  const ErrorFence fence;
  Bytes der = encoded(&i2d_X509, get());
  if (der.empty()) throw unreadable(first_openssl_error());
  return der;
}

std::string Certificate::to_pem() const {
  return pem_text("CERTIFICATE", der());
}

std::string Certificate::serial() const {
  if (body_->outline) {
    BytesView magnitude = body_->outline->serial;
    if (magnitude.size() > 1 && magnitude[0] == 0) magnitude = magnitude.subspan(1);
    return hex_text(Bytes(magnitude.begin(), magnitude.end()));
  }
  const ASN1_INTEGER* serial = X509_get0_serialNumber(get());
  // OpenSSL keeps the magnitude here, and the sign in the type.
  const Bytes magnitude = content_of(serial);
  std::string text = magnitude.empty() ? "00" : hex_text(magnitude);
  if (ASN1_STRING_type(serial) == V_ASN1_NEG_INTEGER) text.insert(text.begin(), '-');
  return text;
}

Bytes Certificate::serial_octets() const {
  const Bytes der = encoded(&i2d_ASN1_INTEGER, X509_get0_serialNumber(get()));
  return readable([&] {
    const BerElement element = read_whole(der, kTagInteger, "serial number");
    return Bytes(element.content.begin(), element.content.end());
  });
}

std::string Certificate::fingerprint() const {
  if (body_->outline) return "sha256:" + sha256_hex(body_->der);
  return "sha256:" + sha256_hex(der());
}
std::string Certificate::sha1_fingerprint() const {
  return hex_lower(sha1(der()));
}

std::string Certificate::subject_text() const {
  return crypto::subject_text(subject());
}
std::string Certificate::issuer_text() const {
  return readable([&] { return name_text(issuer_der()); });
}
Bytes Certificate::subject_der() const {
  if (body_->outline) return Bytes(body_->outline->subject.begin(), body_->outline->subject.end());
  return name_bytes(X509_get_subject_name(get()));
}
Bytes Certificate::issuer_der() const {
  if (body_->outline) return Bytes(body_->outline->issuer.begin(), body_->outline->issuer.end());
  return name_bytes(X509_get_issuer_name(get()));
}
std::vector<NameAttribute> Certificate::subject() const {
  return readable([&] { return name_attributes(subject_der()); });
}

std::vector<std::string> Certificate::common_names() const {
  std::vector<std::string> names;
  for (NameAttribute& attribute : subject())
    if (attribute.type == "CN") names.push_back(std::move(attribute.value));
  return names;
}

TimePoint Certificate::not_before() const noexcept {
  return time_point(body_->not_before);
}
TimePoint Certificate::not_after() const noexcept {
  return time_point(body_->not_after);
}

Key Certificate::public_key() const {
  const ErrorFence fence;
  EVP_PKEY* key = X509_get0_pubkey(get());
  if (key == nullptr) throw unreadable("its public key cannot be used: " + first_openssl_error());
  return Key::from_borrowed(key);
}

PublicKeyType Certificate::key_type() const {
  const ErrorFence fence;
  const EVP_PKEY* key = X509_get0_pubkey(get());
  if (key == nullptr) return PublicKeyType::other;
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA: return PublicKeyType::rsa;
    case EVP_PKEY_EC: return PublicKeyType::ec;
    default: return PublicKeyType::other;
  }
}

bool Certificate::carries(const Key& key) const {
  return carries(key.get());
}
bool Certificate::carries(const evp_pkey_st* key) const {
  const ErrorFence fence;
  const EVP_PKEY* ours = X509_get0_pubkey(get());
  return ours != nullptr && key != nullptr && EVP_PKEY_eq(ours, key) == 1;
}

bool Certificate::carries_key_of(std::string_view pem) const {
  if (body_->outline) {
    const auto spki = public_half(pem);
    if (spki && std::ranges::equal(*spki, body_->outline->public_key)) return true;
  }
  return carries(Key::from_pem(pem));
}

bool Certificate::is_ca() const {
  const ErrorFence fence;
  return (X509_get_extension_flags(get()) & EXFLAG_CA) != 0;
}

std::optional<Bytes> Certificate::extension(std::string_view oid) const {
  const ErrorFence fence;
  const Asn1ObjectPtr object(OBJ_txt2obj(std::string(oid).c_str(), 1));
  if (!object) throw Failure::never("internal", "not an object identifier: " + std::string(oid));
  const int place = X509_get_ext_by_OBJ(get(), object.get(), -1);
  if (place < 0) return std::nullopt;
  if (X509_get_ext_by_OBJ(get(), object.get(), place) >= 0)
    throw unreadable("extension " + std::string(oid) + " is there twice");
  return content_of(X509_EXTENSION_get_data(X509_get_ext(get(), place)));
}

std::optional<unsigned> Certificate::key_usage() const {
  const auto value = extension("2.5.29.15");
  if (!value) return std::nullopt;
  return readable([&] { return key_usage_from_der(*value); });
}

std::optional<std::vector<std::string>> Certificate::extended_usages() const {
  const auto value = extension("2.5.29.37");
  if (!value) return std::nullopt;
  return readable([&] { return extended_usage_from_der(*value); });
}

std::vector<AltName> Certificate::alt_names() const {
  const auto value = extension("2.5.29.17");
  if (!value) return {};
  return readable([&] { return alt_names_from_der(*value); });
}

std::vector<std::string> Certificate::alt_name_texts() const {
  std::vector<std::string> texts;
  for (const AltName& name : alt_names()) texts.push_back(alt_name_text(name));
  return texts;
}

Bytes Certificate::subject_key_id() const {
  const auto value = extension("2.5.29.14");
  if (!value) return {};
  return readable([&] { return octets(read_whole(*value, kTagOctetString, "subject key identifier")); });
}

Bytes Certificate::authority_key_id() const {
  const auto value = extension("2.5.29.35");
  if (!value) return {};
  return readable([&] {
    BerReader reader(read_whole(*value, kTagSequence, "authority key identifier"));
    const auto id = reader.accept(0x80);
    return id ? Bytes(id->content.begin(), id->content.end()) : Bytes{};
  });
}

bool Certificate::is_self_issued() const {
  if (body_->outline && std::ranges::equal(body_->outline->subject, body_->outline->issuer)) return true;
  const ErrorFence fence;
  return X509_NAME_cmp(X509_get_subject_name(get()), X509_get_issuer_name(get())) == 0;
}

bool Certificate::issued_by_name(const Certificate& other) const {
  if (body_->outline && other.body_->outline &&
      std::ranges::equal(body_->outline->issuer, other.body_->outline->subject))
    return true;
  return X509_NAME_cmp(X509_get_subject_name(other.get()), X509_get_issuer_name(get())) == 0;
}

bool Certificate::signed_by(const Certificate& other) const {
  const ErrorFence fence;
  if (!issued_by_name(other)) return false;
  EVP_PKEY* key = X509_get0_pubkey(other.get());
  return key != nullptr && X509_verify(get(), key) == 1;
}

bool operator==(const Certificate& left, const Certificate& right) {
  if (left.body_ == right.body_) return true;
  if (left.body_->outline && right.body_->outline) return left.body_->der == right.body_->der;
  return left.der() == right.der();
}

}  // namespace certctl::crypto
