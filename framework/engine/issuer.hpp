// The issuer's side of a profile, outside of any transaction.
#pragma once

#include <certctl/enroller.hpp>

#include "framework/engine/context.hpp"

namespace certctl::engine {

// Asks the issuer for its CA set. Throws Failure: unsupported, and what the enroller says.
[[nodiscard]] TrustAnchors fetch_trust_anchors(const Context& context, const config::Profile& profile);

}  // namespace certctl::engine
