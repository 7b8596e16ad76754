#include "enrollers/est/lookups.hpp"

#include "enrollers/est/protocol/certificates.hpp"
#include "enrollers/est/server.hpp"
#include "enrollers/scep/trust/directory_entry.hpp"
#include "framework/crypto/crl.hpp"

#include <optional>

namespace certctl::est {
namespace {

std::optional<TimePoint> trusted_now(const Host& host) {
  return host.clock_trusted() ? std::optional(host.now()) : std::nullopt;
}

std::vector<std::string> pem_of(const std::vector<crypto::Certificate>& certificates) {
  std::vector<std::string> texts;
  texts.reserve(certificates.size());
  for (const crypto::Certificate& certificate : certificates) texts.push_back(certificate.to_pem());
  return texts;
}

Bytes crl_from(const Bytes& text) {
  return crypto::Crl::from_text({reinterpret_cast<const char*>(text.data()), text.size()}).der();
}

Bytes published_crl(Transport& transport, const std::string& address) {
  if (address.starts_with("ldap:")) {
    const Bytes answer = transport.search(address);
    const auto values = trust::attribute_values({reinterpret_cast<const char*>(answer.data()), answer.size()},
                                                "certificateRevocationList");
    if (values.size() != 1)
      throw Failure("crl-unreadable", "the directory has " + std::to_string(values.size()) +
                                          " values of certificateRevocationList there, not one");
    return crl_from(values.front());
  }
  const HttpReply reply = transport.get_published(address);
  if (reply.status != 200) throw failure_of(reply, "the request for a revocation list", {});
  return crl_from(reply.body);
}

}  // namespace

TrustAnchors look_up_anchors(const Settings& settings, Transport& transport,
                             const std::vector<std::string>& vouched_pem, Host& host) {
  TrustAnchors anchors;
  const std::vector<crypto::Certificate> fetched = fetch_ca_certificates(settings, transport);
  anchors.ca_set_pem = pem_of(fetched);
  const bool only_first_use =
      settings.pin.trust_on_first_use && settings.pin.fingerprints.empty() && settings.pin.ca_file.empty();
  if (only_first_use && vouched_pem.empty()) {
    anchors.pin_problem = "trust_on_first_use: no fingerprint is configured to compare with";
    return anchors;
  }
  try {
    anchors.anchors_pem = pem_of(
        trust::apply_pin(settings.pin, fetched, {}, trusted_now(host), crypto::Certificate::each_from_pem(vouched_pem))
            .anchors);
  } catch (const Failure& failure) {
    anchors.pin_problem = failure.error().message;
  }
  return anchors;
}

// EST-006, EST-007
std::vector<std::string> look_up_next_anchors(const Settings& settings, Transport& transport,
                                              const std::vector<std::string>& current_ca_set_pem,
                                              const std::vector<std::string>& vouched_pem, Host& host) {
  const std::vector<crypto::Certificate> fetched = fetch_ca_certificates(settings, transport);
  const std::vector<crypto::Certificate> current = crypto::Certificate::each_from_pem(current_ca_set_pem);
  const trust::TrustedSet trusted =
      trust::apply_pin(settings.pin, current.empty() ? fetched : current, {}, trusted_now(host),
                       crypto::Certificate::each_from_pem(vouched_pem));
  return pem_of(proved_successors(fetched, trusted.anchors, trusted_now(host)));
}

Bytes look_up_crl(Transport& transport, const EnrollRequest& request, Host& host) {
  if (request.current == nullptr)
    throw Failure::never("no-credential", "without a certificate there is nothing to look up", "enroll first");
  const auto current = crypto::Certificate::from_pem(request.current->certificate_pem);
  const std::vector<std::string> addresses = crypto::crl_addresses(current);
  for (const std::string& address : addresses) {
    try {
      return published_crl(transport, address);
    } catch (const Failure& failure) {
      host.log(LogLevel::warning, "revocation list at " + address + ": " + failure.error().message);
    }
  }
  throw Failure("no-crl",
                addresses.empty() ? "the certificate names no address of a revocation list"
                                  : "no revocation list at the addresses that the certificate names",
                "EST has no operation for revocation lists: ask the operator of the CA where they are");
}

}  // namespace certctl::est
