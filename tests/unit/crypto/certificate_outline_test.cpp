// The outline must say nothing that OpenSSL does not say: for whole certificates, and for thousands of damaged ones.
#include "framework/crypto/certificate_outline.hpp"
#include "framework/crypto/asn1_time.hpp"
#include "framework/crypto/certificate.hpp"
#include "framework/crypto/der.hpp"
#include "framework/crypto/ossl_ptr.hpp"
#include "framework/crypto/pem.hpp"
#include "framework/crypto/public_half.hpp"
#include "tests/unit/crypto/openssl_program.hpp"
#include "tests/unit/crypto/scene.hpp"

#include <catch2/catch.hpp>

#include <openssl/err.h>

#include <random>

using namespace certctl;
using namespace certctl::crypto;
using namespace crypto_test;

namespace {

Bytes copy(BytesView view) {
  return {view.begin(), view.end()};
}

template <auto Encode, class T>
Bytes encoding(T* object) {
  unsigned char* out = nullptr;
  const int size = Encode(object, &out);
  if (size <= 0) return {};
  Bytes bytes(out, out + size);
  OPENSSL_free(out);
  return bytes;
}

// Empty when OpenSSL says the same of these bytes as the outline.
std::string disagreement(const Bytes& der, const CertificateOutline& outline) {
  const unsigned char* at = der.data();
  const X509Ptr object(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  if (!object || at != der.data() + der.size()) return "OpenSSL refuses it";
  if (encoding<&i2d_X509>(object.get()) != der) return "OpenSSL writes it otherwise";
  if (time_seconds(X509_get0_notBefore(object.get())) != outline.not_before) return "notBefore";
  if (time_seconds(X509_get0_notAfter(object.get())) != outline.not_after) return "notAfter";
  if (encoding<&i2d_X509_NAME>(X509_get_subject_name(object.get())) != copy(outline.subject)) return "subject";
  if (encoding<&i2d_X509_NAME>(X509_get_issuer_name(object.get())) != copy(outline.issuer)) return "issuer";
  if (encoding<&i2d_X509_PUBKEY>(X509_get_X509_PUBKEY(object.get())) != copy(outline.public_key)) return "public key";
  if (encoding<&i2d_ASN1_INTEGER>(X509_get_serialNumber(object.get())) != der_element(kTagInteger, outline.serial))
    return "serial";
  return {};
}

std::vector<Bytes> samples() {
  std::vector<Bytes> all{root().certificate.der(), leaf(root(), "/DC=org/O=Example/CN=a", rsa_key(1)).der(),
                         leaf(root(), "/CN=b", ec_key()).der()};
  for (const std::vector<std::string>& more :
       {std::vector<std::string>{"-set_serial", "0x00d0e1f2a3b4c5d6e7f8091a2b3c4d5e6f708192", "-subj", "/CN=x"},
        {"-set_serial", "1", "-subj", "/O=two/CN=y+UID=z", "-multivalue-rdn"},
        {"-days", "20000", "-subj", "/CN=late"},
        {"-subj", "/C=DE/O=x", "-addext", "subjectAltName=DNS:a.example", "-addext", "extendedKeyUsage=serverAuth"}}) {
    std::vector<std::string> words{"req",    "-x509",   "-newkey",  "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                                   "-noenc", "-keyout", "/dev/null"};
    words.insert(words.end(), more.begin(), more.end());
    all.push_back(Certificate::from_pem(openssl(words)).der());
  }
  return all;
}

}  // namespace

TEST_CASE("an outline says what OpenSSL says") {
  int seen = 0;
  for (const Bytes& der : samples()) {
    const auto outline = outline_certificate(der);
    if (!outline) continue;
    ++seen;
    CHECK(disagreement(der, *outline) == "");
  }
  CHECK(seen >= 6);
}

TEST_CASE("what an outline accepts of a damaged certificate, OpenSSL accepts with the same values") {
  std::mt19937 random(20261201);  // NOLINT(cert-msc51-cpp): the same damage each time
  int accepted = 0;
  for (const Bytes& der : samples()) {
    for (int i = 0; i < 4000; ++i) {
      Bytes damaged = der;
      const int changes = 1 + i % 3;
      for (int change = 0; change < changes; ++change) {
        const std::size_t at = random() % damaged.size();
        switch (random() % 4) {
          case 0: damaged[at] = static_cast<std::uint8_t>(random()); break;
          case 1: damaged[at] ^= static_cast<std::uint8_t>(1U << (random() % 8)); break;
          case 2: damaged.erase(damaged.begin() + static_cast<std::ptrdiff_t>(at)); break;
          default: damaged[at] = damaged[random() % damaged.size()]; break;
        }
      }
      const auto outline = outline_certificate(damaged);
      if (!outline) continue;
      ++accepted;
      const std::string why = disagreement(damaged, *outline);
      if (!why.empty()) FAIL_CHECK(why << ": " << pem_text("CERTIFICATE", damaged));
    }
  }
  CHECK(accepted > 1000);
}

TEST_CASE("a certificate that is cut off, or has more after it, has no outline") {
  const Bytes der = root().certificate.der();
  REQUIRE(outline_certificate(der));
  for (std::size_t size = 0; size < der.size(); ++size) CHECK_FALSE(outline_certificate(BytesView(der).first(size)));
  Bytes longer = der;
  longer.push_back(0);
  CHECK_FALSE(outline_certificate(longer));
}

TEST_CASE("the public half of a private key is the one that OpenSSL finds") {
  for (const Key* key : {&rsa_key(0), &rsa_key(1), &ec_key(0)}) {
    CHECK(public_half(key->to_pem_pkcs8().reveal()) == key->spki_der());
    CHECK(public_half("text before\n" + key->to_pem_pkcs8().reveal() + rsa_key(2).to_pem_pkcs8().reveal()) ==
          key->spki_der());
  }
  CHECK(public_half(rsa_key().to_pem_traditional().reveal()) == rsa_key().spki_der());
  CHECK_FALSE(public_half(""));
  CHECK_FALSE(public_half(root().certificate.to_pem()));
  CHECK_FALSE(public_half(
      openssl({"pkcs8", "-topk8", "-v2", "aes128", "-passout", "pass:secret"}, rsa_key().to_pem_pkcs8().reveal())));
}

TEST_CASE("a key is compared with a certificate without being made, and with the same result") {
  const Certificate certificate = leaf(root(), "/CN=a", rsa_key(1));
  CHECK(certificate.carries_key_of(rsa_key(1).to_pem_pkcs8().reveal()));
  CHECK(certificate.carries_key_of(rsa_key(1).to_pem_traditional().reveal()));
  CHECK_FALSE(certificate.carries_key_of(rsa_key(0).to_pem_pkcs8().reveal()));
  CHECK_FALSE(certificate.carries_key_of(ec_key().to_pem_pkcs8().reveal()));
  CHECK(leaf(root(), "/CN=b", ec_key(1)).carries_key_of(ec_key(1).to_pem_pkcs8().reveal()));
  CHECK(leaf(root(), "/CN=b", ec_key(1)).carries_key_of(ec_key(1).to_pem_traditional().reveal()));
  CHECK(code_of([&] { (void)certificate.carries_key_of("no key"); }) == "key-unreadable");
  const std::string pem = rsa_key(1).to_pem_pkcs8().reveal();
  for (std::size_t size = 0; size + 2 < pem.size(); size += 13)
    CHECK(code_of([&] { (void)certificate.carries_key_of(pem.substr(0, size)); }) == "key-unreadable");
}
