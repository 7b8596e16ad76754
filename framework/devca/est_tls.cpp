#include "framework/devca/est_tls.hpp"

#include "framework/crypto/name.hpp"
#include "framework/devca/fault_sizes.hpp"

namespace certctl::devca {

TlsServing make_tls(const Authority& authority, EstTls how, const std::string& address, TimePoint now) {
  const crypto::Key key = crypto::Key::generate({KeyType::ec, 0, "P-256"});
  CertificateRequest wanted;
  wanted.subject = {{"CN", "development EST server", false}};
  wanted.usage = {"digitalSignature", "serverAuth"};
  if (how == EstTls::wrong_name) {
    wanted.alt_names = {{AltNameKind::dns, "somewhere-else.example"}};
  } else {
    wanted.alt_names = {{AltNameKind::dns, "localhost"}, {AltNameKind::ip, "127.0.0.1"}, {AltNameKind::ip, "::1"}};
    if (address != "127.0.0.1" && address != "::1") wanted.alt_names.push_back({AltNameKind::ip, address});
  }
  const crypto::Issuer issuer = how == EstTls::stranger ? impostor_of(authority.issuing, now) : authority.issuing;
  crypto::IssueSpec spec;
  spec.not_before = now - (how == EstTls::expired ? 3 * kDay : kDay);
  spec.not_after = how == EstTls::expired ? now - kDay : now + 3650 * kDay;
  const crypto::Csr csr = crypto::Csr::from_der(crypto::build_csr(wanted, key, Secret()));
  TlsServing tls;
  tls.chain_pem = crypto::issue_certificate(issuer, csr, spec).to_pem();
  if (authority.root) tls.chain_pem += issuer.certificate.to_pem();
  tls.key_pem = key.to_pem_pkcs8();
  for (const crypto::Certificate& ca : authority.est_set()) tls.clients_pem += ca.to_pem();
  return tls;
}

}  // namespace certctl::devca
