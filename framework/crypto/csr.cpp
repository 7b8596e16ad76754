#include "framework/crypto/csr.hpp"

#include "framework/crypto/alt_name.hpp"
#include "framework/crypto/asn1_string.hpp"
#include "framework/crypto/certificate.hpp"
#include "framework/crypto/error_fence.hpp"
#include "framework/crypto/name.hpp"
#include "framework/crypto/ossl_ptr.hpp"
#include "framework/crypto/pem.hpp"
#include "framework/crypto/usage.hpp"

#include <certctl/result.hpp>

#include <algorithm>

namespace certctl::crypto {
namespace {

constexpr std::string_view kExtensionRequest = "1.2.840.113549.1.9.14";
constexpr std::string_view kExtensionRequestMs = "1.3.6.1.4.1.311.2.1.14";
constexpr std::string_view kChallengePassword = "1.2.840.113549.1.9.7";

RequestedExtension read_extension(BerReader& extensions) {
  BerReader reader(extensions.expect(kTagSequence, "requested extension"));
  RequestedExtension extension;
  extension.oid = oid_text(reader.expect(kTagOid, "type of a requested extension").content);
  if (const auto critical = reader.accept(0x01))
    extension.critical = critical->content.size() == 1 && critical->content[0] != 0;
  extension.value = octets(reader.expect(kTagOctetString, "value of a requested extension"));
  reader.finish("requested extension");
  return extension;
}

struct Attribute {
  std::string oid;
  std::vector<Bytes> values;  // encoded
};

Attribute read_attribute(X509_ATTRIBUTE* attribute) {
  Attribute out;
  const ASN1_OBJECT* type = X509_ATTRIBUTE_get0_object(attribute);
  out.oid = oid_text({OBJ_get0_data(type), OBJ_length(type)});
  for (int i = 0; i < X509_ATTRIBUTE_count(attribute); ++i) {
    out.values.push_back(encoded(&i2d_ASN1_TYPE, X509_ATTRIBUTE_get0_type(attribute, i)));
    if (out.values.back().empty()) malformed("attribute of a certification request");
  }
  return out;
}

}  // namespace

Csr Csr::from_der(BytesView der) {
  const ErrorFence fence;
  if (der.empty() || der.size() > kMaxCertificateBytes) malformed("certification request has a wrong size");
  const unsigned char* at = der.data();
  X509ReqPtr request(d2i_X509_REQ(nullptr, &at, static_cast<long>(der.size())));
  if (!request) malformed("certification request: " + first_openssl_error());
  if (at != der.data() + der.size()) malformed("bytes after the end of the certification request");
  Csr csr;
  csr.der_.assign(der.begin(), der.end());
  for (int i = 0; i < X509_REQ_get_attr_count(request.get()); ++i) {
    const Attribute attribute = read_attribute(X509_REQ_get_attr(request.get(), i));
    if (attribute.oid == kChallengePassword) {
      if (csr.challenge_ || attribute.values.size() != 1) malformed("more than one challenge password");
      const BerElement string = BerReader(attribute.values[0]).next();
      auto text = string_to_utf8(string.identifier, string.content);
      if (!text) malformed("challenge password is no string");
      csr.challenge_ = Secret(std::move(*text));
      csr.challenge_tag_ = string.identifier;
    } else if (attribute.oid == kExtensionRequest || attribute.oid == kExtensionRequestMs) {
      for (const Bytes& value : attribute.values) {
        BerReader extensions(read_whole(value, kTagSequence, "requested extensions"));
        while (!extensions.done()) {
          RequestedExtension extension = read_extension(extensions);
          if (csr.extension(extension.oid) != nullptr) malformed("extension " + extension.oid + " is there twice");
          csr.extensions_.push_back(std::move(extension));
        }
      }
    }
  }
  csr.request_ = std::shared_ptr<X509_req_st>(request.release(), &X509_REQ_free);
  return csr;
}

Csr Csr::from_pem(std::string_view text) {
  for (const PemBlock& block : split_pem(text)) {
    if (block.label == "CERTIFICATE REQUEST" || block.label == "NEW CERTIFICATE REQUEST")
      return from_der(pem_decode(block));
  }
  malformed("there is no PEM block CERTIFICATE REQUEST");
}

bool Csr::verify() const {
  const ErrorFence fence;
  EVP_PKEY* key = X509_REQ_get0_pubkey(request_.get());
  // OpenSSL keeps the octets that were signed as they were received, and verifies these.
  return key != nullptr && X509_REQ_verify(request_.get(), key) == 1;
}

std::string Csr::to_pem() const {
  return pem_text("CERTIFICATE REQUEST", der_);
}

Bytes Csr::subject_der() const {
  const unsigned char* der = nullptr;
  std::size_t size = 0;
  if (X509_NAME_get0_der(X509_REQ_get_subject_name(request_.get()), &der, &size) != 1 || der == nullptr)
    malformed("subject of a certification request");
  return Bytes(der, der + size);
}

std::string Csr::subject_text() const {
  return name_text(subject_der());
}
std::vector<NameAttribute> Csr::subject() const {
  return name_attributes(subject_der());
}

Key Csr::public_key() const {
  const ErrorFence fence;
  EVP_PKEY* key = X509_REQ_get0_pubkey(request_.get());
  if (key == nullptr) malformed("public key of a certification request");
  return Key::from_borrowed(key);
}

const RequestedExtension* Csr::extension(std::string_view oid) const noexcept {
  const auto found = std::find_if(extensions_.begin(), extensions_.end(),
                                  [&](const RequestedExtension& extension) { return extension.oid == oid; });
  return found == extensions_.end() ? nullptr : &*found;
}

std::vector<AltName> Csr::alt_names() const {
  const RequestedExtension* found = extension("2.5.29.17");
  return found == nullptr ? std::vector<AltName>{} : alt_names_from_der(found->value);
}

unsigned Csr::key_usage() const {
  const RequestedExtension* found = extension("2.5.29.15");
  return found == nullptr ? 0 : key_usage_from_der(found->value);
}

std::vector<std::string> Csr::extended_usages() const {
  const RequestedExtension* found = extension("2.5.29.37");
  return found == nullptr ? std::vector<std::string>{} : extended_usage_from_der(found->value);
}

std::string Csr::template_name() const {
  const RequestedExtension* found = extension("1.3.6.1.4.1.311.20.2");
  if (found == nullptr) return {};
  BerReader reader(found->value);
  const BerElement string = reader.next();
  reader.finish("template name");
  auto text = string_to_utf8(string.identifier, string.content);
  if (!text) malformed("template name is no string");
  return std::move(*text);
}

}  // namespace certctl::crypto
