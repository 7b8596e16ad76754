#include "framework/crypto/x509_parts.hpp"

#include "framework/crypto/asn1_time.hpp"
#include "framework/crypto/der.hpp"
#include "framework/crypto/error_fence.hpp"
#include "framework/crypto/random.hpp"

#include <certctl/result.hpp>

namespace certctl::crypto {

const EVP_MD* signature_digest(Digest digest, const EVP_PKEY* key) noexcept {
  const int type = EVP_PKEY_get_base_id(key);
  if (type == EVP_PKEY_ED25519 || type == EVP_PKEY_ED448) return nullptr;
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

void openssl_failed(const char* code, std::string_view what) {
  throw Failure(code, "OpenSSL cannot make " + std::string(what) + ": " + first_openssl_error());
}

X509NamePtr decode_name(BytesView der, const char* code) {
  const unsigned char* at = der.data();
  X509NamePtr name(d2i_X509_NAME(nullptr, &at, static_cast<long>(der.size())));
  if (!name || at != der.data() + der.size()) openssl_failed(code, "the name");
  return name;
}

X509ExtensionPtr make_extension(std::string_view oid, bool critical, BytesView value, const char* code) {
  const Asn1ObjectPtr object(OBJ_txt2obj(std::string(oid).c_str(), 1));
  const Asn1OctetStringPtr content(ASN1_OCTET_STRING_new());
  if (!object || !content || ASN1_OCTET_STRING_set(content.get(), value.data(), static_cast<int>(value.size())) != 1)
    openssl_failed(code, "an extension");
  X509ExtensionPtr extension(X509_EXTENSION_create_by_OBJ(nullptr, object.get(), critical ? 1 : 0, content.get()));
  if (!extension) openssl_failed(code, "an extension");
  return extension;
}

Asn1IntegerPtr make_serial(BytesView content, const char* code) {
  Bytes octets(content.begin(), content.end());
  if (octets.empty()) {
    octets = random_bytes(16);
    octets[0] = static_cast<std::uint8_t>((octets[0] & 0x3FU) | 0x40U);  // positive, and always 16 octets
  }
  const Bytes der = der_element(kTagInteger, octets);
  const unsigned char* at = der.data();
  Asn1IntegerPtr serial(d2i_ASN1_INTEGER(nullptr, &at, static_cast<long>(der.size())));
  if (!serial) openssl_failed(code, "the serial number");
  return serial;
}

Asn1TimePtr make_time(TimePoint time, const char* code) {
  Asn1TimePtr out(ASN1_TIME_new());
  if (!out || !set_time(out.get(), time)) openssl_failed(code, "a time");
  return out;
}

}  // namespace certctl::crypto
