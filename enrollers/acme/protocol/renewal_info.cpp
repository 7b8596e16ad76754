#include "enrollers/acme/protocol/renewal_info.hpp"

#include "enrollers/acme/protocol/base64url.hpp"

namespace certctl::acme {

// ACME-021
std::string certificate_id(const crypto::Certificate& certificate) {
  const Bytes authority = certificate.authority_key_id();
  if (authority.empty()) return {};
  return base64url(authority) + "." + base64url(certificate.serial_octets());
}

}  // namespace certctl::acme
