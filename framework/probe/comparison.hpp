// What was presented beside what should be.
#pragma once

#include <certctl/distributor.hpp>
#include <certctl/types.hpp>

#include <string>
#include <vector>

#include "framework/crypto/certificate.hpp"

namespace certctl::probe {

// A credential's certificates, read once.
struct Expected {
  // Failure certificate-unreadable (never).
  explicit Expected(const Credential& credential);
  crypto::Certificate certificate;
  std::vector<crypto::Certificate> chain;
};

// "serial 1F (CN=www), valid since 2026-11-01T00:00:00Z"
[[nodiscard]] std::string describe(const crypto::Certificate& certificate);

// Another certificate than the expected one: "serial 1F …, with the same key, not serial 2A". Precondition: it differs.
[[nodiscard]] std::string difference(const crypto::Certificate& presented, const Expected& expected);

// Failure chain-not-served (later) when what follows the certificate is not the expected chain, perhaps with its
// anchor; `where` names who presents it.
void require_chain(const std::string& where, const std::vector<crypto::Certificate>& presented,
                   const Expected& expected);

}  // namespace certctl::probe
