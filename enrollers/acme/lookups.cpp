#include "enrollers/acme/lookups.hpp"

#include "enrollers/acme/account.hpp"
#include "enrollers/acme/protocol/base64url.hpp"
#include "enrollers/acme/protocol/renewal_info.hpp"
#include "framework/crypto/certificate.hpp"
#include "framework/sys/printable.hpp"

#include <nlohmann/json.hpp>

namespace certctl::acme {
namespace {

constexpr std::size_t kShownExplanation = 200;

}  // namespace

// ACME-021
RenewalWindow suggested_window(const Settings& settings, Client& client, const Credential& current, Host& host) {
  const std::string id = certificate_id(crypto::Certificate::from_pem(current.certificate_pem));
  if (!settings.renewal_info || id.empty() || client.directory().renewal_info.empty())
    throw Failure::never("unsupported", "this server suggests no time of renewal");
  const HttpReply reply = client.get(client.directory().renewal_info + "/" + id, "the time of renewal");
  try {
    const RenewalInfo info = parse_renewal_info(reply.body);
    if (!info.explanation_url.empty())
      host.log(LogLevel::info,
               "why the server suggests that time: " + sys::printable_start(info.explanation_url, kShownExplanation));
    return {info.start, info.end, reply.retry_after};
  } catch (const Failure& failure) {
    throw unreadable(reply, "the time of renewal", failure.error().message);
  }
}

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
