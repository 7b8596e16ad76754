#include "tests/contract/test_authority.hpp"

#include <chrono>

#include "framework/crypto/name.hpp"

namespace certctl::contract {
namespace {

using namespace std::chrono_literals;

crypto::Key new_key(KeyType type) {
  KeySpec spec;
  spec.type = type;
  return crypto::Key::generate(spec);
}

crypto::CaSpec ca_spec(const std::string& common_name) {
  crypto::CaSpec spec;
  spec.subject = {{"CN", common_name}};
  spec.not_before = std::chrono::system_clock::now() - 24h;
  spec.not_after = spec.not_before + 24h * 3650;
  return spec;
}

crypto::Issuer make_root(const std::string& name) {
  const crypto::Key key = new_key(KeyType::ec);
  return {crypto::make_root_ca(key, ca_spec(name + " root")), key};
}

crypto::Issuer make_issuing(const crypto::Issuer& root, const std::string& name) {
  const crypto::Key key = new_key(KeyType::ec);
  return {crypto::make_intermediate_ca(root, key, ca_spec(name + " issuing")), key};
}

}  // namespace

TestAuthority::TestAuthority(const std::string& name) : root_(make_root(name)), issuing_(make_issuing(root_, name)) {}

Credential TestAuthority::issue(const std::string& common_name, const std::string& dns_name, KeyType type) const {
  const crypto::Key key = new_key(type);
  CertificateRequest wanted;
  wanted.subject = {{"CN", common_name}};
  if (!dns_name.empty()) wanted.alt_names = {{AltNameKind::dns, dns_name}};
  wanted.usage = {"digitalSignature", "serverAuth", "clientAuth"};
  crypto::IssueSpec spec;
  spec.not_before = std::chrono::system_clock::now() - 1h;
  spec.not_after = spec.not_before + 24h * 365;
  const auto certificate =
      crypto::issue_certificate(issuing_, crypto::Csr::from_der(crypto::build_csr(wanted, key, {})), spec);
  Credential credential;
  credential.serial = certificate.serial();
  credential.fingerprint = certificate.fingerprint();
  credential.certificate_pem = certificate.to_pem();
  credential.chain_pem = {issuing_.certificate.to_pem()};
  credential.ca_set_pem = {issuing_.certificate.to_pem(), root_.certificate.to_pem()};
  credential.key.provider = "file";
  credential.key.pem = key.to_pem_pkcs8();
  return credential;
}

}  // namespace certctl::contract
