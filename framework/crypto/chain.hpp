// From an end entity's certificate to a trust anchor.
#pragma once

#include "framework/crypto/certificate.hpp"

#include <certctl/types.hpp>

#include <optional>
#include <span>
#include <vector>

namespace certctl::crypto {

inline constexpr std::size_t kMaxPathPool = 64;  // candidates and anchors each
inline constexpr std::size_t kMaxPathDepth = 8;  // certificates above the leaf, anchor included

// The certificates between leaf and anchor: the leaf's issuer first, the anchor excluded; empty when an anchor signed
// the leaf, or is the leaf. Candidates in any order, useless and repeated ones are fine; an anchor may be an
// intermediate CA. No purpose is checked: CA certificates of SCEP servers seldom have the right one.
// `at`: when given, every certificate of the path, leaf and anchor included, must be valid then.
// Failures (RetryClass::never): "path-none" (no issuer that leads to an anchor), "path-expired" (only paths with a
// certificate that is not valid at that time), "path-not-ca", "path-bad-signature", "path-invalid" (path length, name
// constraints, unknown critical extension of a CA …), "path-too-large".
[[nodiscard]] std::vector<Certificate> build_path(const Certificate& leaf, std::span<const Certificate> candidates,
                                                  std::span<const Certificate> anchors, std::optional<TimePoint> at);

// A bundle of PEM certificates sorted out.
struct LeafAndChain {
  Certificate leaf;
  std::vector<Certificate>
      chain;  // from the leaf's issuer upwards, as far as the bundle goes; a self-signed one left out
  std::vector<Certificate> rest;  // everything else, in the bundle's order (a self-signed root too)
};
// The leaf is the one that carries `key`; without a key the first that issued none of the others. Fails with
// "leaf-missing" (never) when there is none.
[[nodiscard]] LeafAndChain order_leaf_and_chain(std::span<const Certificate> bundle, const Key* key = nullptr);

}  // namespace certctl::crypto
