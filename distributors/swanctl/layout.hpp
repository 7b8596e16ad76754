// Which files strongSwan reads, and what is in each.
//
// charon takes only the first certificate of a PEM file: the leaf and each CA certificate have files of their own. How
// many CA certificates there are changes with the issuer, so there is a fixed number of places for them, and those that
// this credential does not fill are to be absent.
#pragma once

#include "distributors/files/output/file_set.hpp"
#include "framework/crypto/material.hpp"

#include <certctl/options.hpp>

#include <string>
#include <vector>

namespace certctl::swanctl {

inline constexpr std::size_t kAuthorityPlaces = 8;

struct Layout {
  std::string directory;
  std::string name;
  bool root = false;
};

// Failure bad-option (never): a name that is no plain file name.
[[nodiscard]] Layout read_layout(const Options& options);

[[nodiscard]] std::string certificate_path(const Layout& layout);
// Private key, leaf, and the places for CA certificates, in this order.
[[nodiscard]] std::vector<files::Output> outputs_of(const Layout& layout);

// The CA certificates that charon needs: the chain, and with `root` its anchor. Failures (never): credential-incomplete
// (the anchor is not there), chain-too-long.
[[nodiscard]] std::vector<crypto::Certificate> authorities_of(const crypto::Material& material, bool root);

}  // namespace certctl::swanctl
