#include "enrollers/acme/lookups.hpp"

#include "enrollers/acme/account.hpp"
#include "enrollers/acme/protocol/base64url.hpp"
#include "framework/crypto/certificate.hpp"

#include <nlohmann/json.hpp>

namespace certctl::acme {

// ACME-026
void revoke_current(const Settings& settings, Client& client, const EnrollRequest& request, int reason, Host& host) {
  if (request.current == nullptr)
    throw Failure::never("no-credential", "without a certificate there is nothing to revoke", "enroll first");
  const std::string url = client.directory().revoke_certificate;
  if (url.empty()) throw Failure::never("unsupported", "this server revokes nothing", "ask the operator of the CA");
  enter_account(settings, client, {}, host);
  const auto certificate = crypto::Certificate::from_pem(request.current->certificate_pem);
  (void)client.post(url, nlohmann::json{{"certificate", base64url(certificate.der())}, {"reason", reason}}.dump(),
                    "the revocation");
}

}  // namespace certctl::acme
