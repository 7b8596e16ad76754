#include "enrollers/acme/alpn_certificate.hpp"

#include "enrollers/acme/names.hpp"
#include "enrollers/acme/protocol/words.hpp"
#include "framework/crypto/csr.hpp"
#include "framework/crypto/der.hpp"
#include "framework/crypto/digest.hpp"
#include "framework/crypto/issue.hpp"
#include "framework/crypto/self_signed.hpp"

#include <arpa/inet.h>

#include <array>

namespace certctl::acme {
namespace {

constexpr std::chrono::hours kLifetime{24 * 7};
constexpr std::uint8_t kTagOctetString = 0x04;

}  // namespace

crypto::TlsPresented alpn_certificate(const Identifier& identifier, const std::string& authorization, TimePoint now) {
  const crypto::Key key = crypto::Key::generate({KeyType::ec, 0, "P-256"});
  CertificateRequest request;
  request.subject = {{"CN", "ACME challenge", false}};
  request.alt_names = {alt_name_of(identifier)};
  const auto csr = crypto::Csr::from_der(crypto::build_csr(request, key, Secret()));
  crypto::IssueSpec spec;
  spec.not_before = now - kLifetime;
  spec.not_after = now + kLifetime;
  spec.more_extensions = {{std::string(kAcmeIdentifier), true,
                           crypto::der_element(kTagOctetString, crypto::sha256(crypto::bytes_of(authorization)))}};
  const crypto::Issuer itself{crypto::make_self_signed(csr.subject_der(), key, now, kLifetime), key};
  return {crypto::issue_certificate(itself, csr, spec), key};
}

std::string alpn_server_name(const Identifier& identifier) {
  if (identifier.type != "ip") return identifier.value;
  std::array<unsigned char, 16> octets{};
  if (::inet_pton(AF_INET, identifier.value.c_str(), octets.data()) == 1) {
    std::string name;
    for (int i = 3; i >= 0; --i) name += std::to_string(octets[static_cast<std::size_t>(i)]) + ".";
    return name + "in-addr.arpa";
  }
  if (::inet_pton(AF_INET6, identifier.value.c_str(), octets.data()) != 1) return identifier.value;
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string name;
  for (std::size_t i = octets.size(); i-- > 0;)
    name += std::string{kDigits[octets[i] & 0xFU], '.', kDigits[octets[i] >> 4U], '.'};
  return name + "ip6.arpa";
}

}  // namespace certctl::acme
