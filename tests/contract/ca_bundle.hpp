// A file of CA certificates as systems have it: more than a path is searched among.
#pragma once

#include "framework/crypto/chain.hpp"
#include "framework/crypto/issue.hpp"

#include <optional>
#include <string>

namespace certctl::contract {

// PEM of many strangers, all with `key`, and of `ours` in their midst, if there is one.
inline std::string ca_bundle(const crypto::Key& key, TimePoint now, const std::optional<crypto::Certificate>& ours) {
  std::string pem;
  for (std::size_t i = 0; i < crypto::kMaxPathPool + 6; ++i) {
    crypto::CaSpec spec;
    spec.subject = {{"CN", "stranger " + std::to_string(i), false}};
    spec.not_before = now - std::chrono::hours(24);
    spec.not_after = now + std::chrono::hours(24 * 365);
    pem += crypto::make_root_ca(key, spec).to_pem();
    if (i == crypto::kMaxPathPool && ours) pem += ours->to_pem();
  }
  return pem;
}

}  // namespace certctl::contract
