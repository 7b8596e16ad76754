// `defaults:` of certctl.yaml under a profile.
#pragma once

#include "framework/config/tree.hpp"

namespace certctl::config {

// What the profile says wins. Its maps `issuer`, `key`, `store`, `template`, `pending` are completed key by key; lists
// and everything else are taken whole. Options are completed only below the same plugin: a profile with another issuer
// gets nothing of the issuer in `defaults`, and `issuer` in one stands for `issuers` in the other. A key type of its
// own drops the size and curve of `defaults`.
[[nodiscard]] Node merge_defaults(Node profile, const Node& defaults);

// The engine's keys beside the plugin in `key`.
inline constexpr const char* kKeyKeys[] = {"type", "bits", "curve", "rotate"};

}  // namespace certctl::config
