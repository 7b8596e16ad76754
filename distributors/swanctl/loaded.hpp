// What charon has loaded beside what it should.
#pragma once

#include <certctl/distributor.hpp>
#include <certctl/types.hpp>

#include <vector>

#include "framework/crypto/certificate.hpp"
#include "framework/probe/ike_listing.hpp"

namespace certctl::swanctl {

// Failure not-served (later): charon does not have the certificate, or not its private key.
void require_loaded_with_key(const std::vector<probe::LoadedCertificate>& loaded,
                             const crypto::Certificate& certificate);

// known: charon has the certificate and its key, or another certificate of the same subject with a key, which it uses
// instead. Failures (later): not-served, chain-not-served (a CA certificate of `authorities` is not loaded).
[[nodiscard]] Served served_of(const std::vector<probe::LoadedCertificate>& loaded,
                               const crypto::Certificate& certificate,
                               const std::vector<crypto::Certificate>& authorities);

}  // namespace certctl::swanctl
