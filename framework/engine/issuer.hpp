// The issuer's side of a profile, outside of any transaction.
#pragma once

#include <certctl/enroller.hpp>

#include "framework/crypto/crl.hpp"
#include "framework/engine/context.hpp"
#include "framework/engine/journal.hpp"

namespace certctl::engine {

// Asks an issuer for its CA set. `issuer`: its place in the profile's list; nothing: the one of the active certificate,
// without one that which a request would go to. Throws Failure: unsupported, and what the enroller says.
[[nodiscard]] TrustAnchors fetch_trust_anchors(const Context& context, const config::Profile& profile,
                                               std::optional<std::size_t> issuer = std::nullopt);

// The certificate with that serial number (hex), as the issuer gives it to the holder of the profile's active one. PEM.
// Throws Failure: unsupported, no-credential, and what the enroller says.
[[nodiscard]] std::string fetch_certificate(const Context& context, const config::Profile& profile,
                                            const std::string& serial);

// What the issuer's revocation list says of the active certificate.
struct RevocationReport {
  Bytes crl;  // DER; its signature verifies with a certificate of the active generation's CA set
  std::string issuer;
  EpochSeconds this_update = 0;
  std::optional<EpochSeconds> next_update;
  std::size_t count = 0;
  bool outdated = false;  // nextUpdate has passed (never with an untrusted clock)
  std::string serial;     // of the active certificate
  std::optional<crypto::Revocation> revoked;
};
// Fetches the list, judges it, and notes a revocation in the journal: from then on the certificate is to be replaced
// (`plan` says `revoked`). Throws Failure: unsupported, no-credential, crl-unreadable, crl-untrusted, busy, …
[[nodiscard]] RevocationReport check_revocation(const Context& context, const config::Profile& profile);

}  // namespace certctl::engine
