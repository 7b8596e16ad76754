#include "distributors/pkcs12/pkcs12_content.hpp"

#include <certctl/result.hpp>

namespace certctl::pkcs12 {

std::optional<crypto::Pkcs12> Pkcs12Content::opened(std::string_view content) const {
  try {
    return crypto::read_pkcs12({reinterpret_cast<const std::uint8_t*>(content.data()), content.size()}, password_);
  } catch (const Failure&) {
    return std::nullopt;
  }
}

std::optional<Secret> Pkcs12Content::make(const crypto::Material& material, std::string_view old) const {
  std::vector<crypto::Certificate> chain = material.chain();
  if (settings_.root) chain.push_back(material.anchor());
  if (const auto now = opened(old); now && now->key && now->encryption == settings_.encryption &&
                                    now->friendly_name == settings_.friendly_name &&
                                    now->key->same_public_key(material.key())) {
    std::vector<crypto::Certificate> all{material.certificate()};
    all.insert(all.end(), chain.begin(), chain.end());
    if (now->certificates == all) return Secret(std::string(old));
  }
  return crypto::write_pkcs12(material.key(), material.certificate(), chain, password_, settings_.friendly_name,
                              settings_.encryption);
}

files::Seen Pkcs12Content::seen_in(std::string_view content) const {
  files::Seen seen;
  const auto now = opened(content);
  if (!now) return seen;
  if (now->key) seen.key = now->key->public_fingerprint();
  for (const auto& certificate : now->certificates) {
    if (seen.certificates.empty()) seen.serial = certificate.serial();
    seen.certificates.push_back(certificate.fingerprint());
  }
  return seen;
}

}  // namespace certctl::pkcs12
