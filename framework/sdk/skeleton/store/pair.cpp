#include "pair.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>
#include <memory>

namespace {

template <auto Free>
struct With {
  template <class T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};
using Bio = std::unique_ptr<BIO, With<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, With<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, With<EVP_PKEY_free>>;

Bio reading(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) {
  return -1;
}

std::string serial_of(const X509* certificate) {
  const Bio out(BIO_new(BIO_s_mem()));
  i2a_ASN1_INTEGER(out.get(), X509_get0_serialNumber(certificate));
  char* data = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string fingerprint_of(const X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1) return {};
  std::string text = "sha256:";
  for (unsigned int i = 0; i < size; ++i) {
    constexpr const char* kDigits = "0123456789abcdef";
    text += kDigits[digest.at(i) >> 4U];
    text += kDigits[digest.at(i) & 15U];
  }
  return text;
}

}  // namespace

Pair look_at(const std::string& certificate_pem, const certctl::KeyRef& key) {
  Pair pair;
  const Certificate certificate(PEM_read_bio_X509(reading(certificate_pem).get(), nullptr, nullptr, nullptr));
  if (certificate) {
    pair.serial = serial_of(certificate.get());
    pair.fingerprint = fingerprint_of(certificate.get());
    if (key.exportable()) {
      const Key held(PEM_read_bio_PrivateKey(reading(key.pem.reveal()).get(), nullptr, no_passphrase, nullptr));
      if (!held) {
        pair.problem = "the key cannot be read";
      } else if (X509_check_private_key(certificate.get(), held.get()) != 1) {
        pair.problem = "key and certificate do not belong together";
      }
    } else if (key.provider.empty() || key.reference.empty()) {
      pair.problem = "the key is missing";
    }
  } else {
    pair.problem = "the certificate cannot be read";
  }
  ERR_clear_error();
  return pair;
}

std::vector<std::string> split(const std::string& pem) {
  static const std::string kEnd = "-----END CERTIFICATE-----\n";
  std::vector<std::string> all;
  std::size_t at = 0;
  for (std::size_t end = pem.find(kEnd); end != std::string::npos; end = pem.find(kEnd, at)) {
    all.push_back(pem.substr(at, end + kEnd.size() - at));
    at = end + kEnd.size();
  }
  return all;
}
