#include "tests/fault/pem_pair.hpp"

#include <openssl/pem.h>

#include <fstream>
#include <iterator>

namespace certctl::fault {
namespace {

std::string der_of(EVP_PKEY* key) {
  unsigned char* bytes = nullptr;
  const int length = key == nullptr ? 0 : i2d_PUBKEY(key, &bytes);
  std::string text(reinterpret_cast<const char*>(bytes), length > 0 ? static_cast<std::size_t>(length) : 0);
  OPENSSL_free(bytes);
  return text;
}

}  // namespace

std::string content_of(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return {};
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

CertificatePtr certificate_in(const std::string& text) {
  const BioPtr bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  return CertificatePtr(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
}

KeyPtr key_in(const std::string& text) {
  const BioPtr bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  return KeyPtr(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
}

std::string fingerprint(const CertificatePtr& certificate) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  if (!certificate || X509_digest(certificate.get(), EVP_sha256(), digest, &length) != 1) return {};
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text = "sha256:";
  for (unsigned i = 0; i < length; ++i) {
    text += kHex[digest[i] >> 4U];
    text += kHex[digest[i] & 15U];
  }
  return text;
}

std::string pair_problem(const std::string& key_text, const std::string& certificate_text) {
  const CertificatePtr certificate = certificate_in(certificate_text);
  const KeyPtr key = key_in(key_text);
  if (!certificate) return "no certificate";
  if (!key) return "no key";
  return X509_check_private_key(certificate.get(), key.get()) == 1 ? "" : "key and certificate do not belong together";
}

std::string public_half(const KeyPtr& key) {
  return der_of(key.get());
}

std::string public_half(const CertificatePtr& certificate) {
  return certificate ? der_of(X509_get0_pubkey(certificate.get())) : std::string();
}

std::set<std::string> public_halves_in(const std::string& text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escaped = text[i] == '\\' && i + 1 < text.size() && text[i + 1] == 'n';
    plain += escaped ? '\n' : text[i];
    if (escaped) ++i;
  }
  std::set<std::string> found;
  for (std::size_t at = plain.find("-----BEGIN "); at != std::string::npos; at = plain.find("-----BEGIN ", at + 1)) {
    const std::size_t line = plain.find('\n', at);
    if (line == std::string::npos || plain.substr(at, line - at).find("PRIVATE KEY-----") == std::string::npos)
      continue;
    if (const KeyPtr key = key_in(plain.substr(at))) found.insert(public_half(key));
  }
  return found;
}

}  // namespace certctl::fault
