// Any bytes as PEM, certificate, key and the structures inside: read or refused, and what is shown is clean.
#include <cstddef>
#include <cstdint>
#include <optional>

#include "framework/crypto/alt_name.hpp"
#include "framework/crypto/certificate.hpp"
#include "framework/crypto/chain.hpp"
#include "framework/crypto/csr.hpp"
#include "framework/crypto/key.hpp"
#include "framework/crypto/name.hpp"
#include "framework/crypto/pem.hpp"
#include "framework/sys/printable.hpp"
#include "tests/fuzz/require.hpp"

using namespace certctl;
using namespace certctl::crypto;
using fuzz::accepts;
using fuzz::require;

namespace {

void check_line(const std::string& line) {
  require(sys::printable(line) == line, "what is shown is one clean line");
}

// A certificate is read by its outline where it is plain DER: it must be what OpenSSL reads, or not be read that way.
void same_as_openssl_reads_it(const Certificate& certificate) {
  std::optional<Certificate> other;
  try {
    other = Certificate::from_x509(certificate.get());
  } catch (const Failure&) {
    require(false, "OpenSSL takes what the outline takes");
  }
  require(other->der() == certificate.der(), "the same octets");
  require(other->serial() == certificate.serial(), "the same serial number");
  require(other->subject_der() == certificate.subject_der(), "the same subject");
  require(other->issuer_der() == certificate.issuer_der(), "the same issuer");
  require(other->not_before_seconds() == certificate.not_before_seconds(), "the same begin");
  require(other->not_after_seconds() == certificate.not_after_seconds(), "the same end");
  require(other->is_self_issued() == certificate.is_self_issued(), "self-issued for both");
}

void look_at(const Certificate& certificate) {
  same_as_openssl_reads_it(certificate);
  check_line(fuzz::planted(certificate.subject_text()));
  check_line(certificate.issuer_text());
  check_line(certificate.serial());
  require(certificate.fingerprint().size() == 71, "a fingerprint has its length");
  require(Certificate::from_pem(certificate.to_pem()) == certificate, "a certificate comes back from PEM");
  (void)certificate.not_before();
  (void)certificate.not_after();
  (void)certificate.is_ca();
  (void)certificate.key_type();
  (void)certificate.is_self_issued();
  (void)certificate.signed_by(certificate);
  accepts([&] { (void)certificate.subject(); });
  accepts([&] { (void)certificate.common_names(); });
  accepts([&] { (void)certificate.key_usage(); });
  accepts([&] { (void)certificate.extended_usages(); });
  accepts([&] {
    for (const auto& text : certificate.alt_name_texts()) check_line(text);
  });
  accepts([&] { (void)certificate.subject_key_id(); });
  accepts([&] { (void)certificate.authority_key_id(); });
  accepts([&] { (void)certificate.public_key(); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView bytes(data, size);
  const std::string text = fuzz::text_of(data, size);
  accepts([&] { look_at(Certificate::from_der(bytes)); });
  accepts([&] {
    for (const auto& certificate : Certificate::all_from_pem(text)) look_at(certificate);
  });
  accepts([&] { (void)Csr::from_pem(text).verify(); });
  accepts([&] {
    const Key key = Key::from_pem(text);
    require(!key.to_pem_pkcs8().empty(), "a key can be written");
  });
  accepts([&] { (void)Key::from_spki(bytes); });
  accepts([&] {
    for (const PemBlock& block : split_pem(text)) accepts([&] { (void)pem_decode(block); });
  });
  accepts([&] { check_line(name_text(bytes)); });
  accepts([&] { check_line(subject_text(name_attributes(bytes))); });
  accepts([&] {
    for (const AltName& name : alt_names_from_der(bytes)) check_line(alt_name_text(name));
  });
  return 0;
}
