// Hashes over what a profile says, for the engine to notice changes. They do not depend on the order of options, names
// or usages, and are the same in every version of certctl for the same meaning (tests hold golden values).
#pragma once

#include <string>
#include <vector>

#include "framework/config/profile.hpp"

namespace certctl::config {

struct ProfileHashes {
  // Subject, names, key, usage, template and identity of the first issuer: another value is drift.
  std::string request;
  // The subject alone.
  std::string subject;
  // The first issuer: its enroller and the options of identity.
  std::string issuer;
  // Everything, and for secrets and files of the issuer their state on disk (size, inode, time; never their content):
  // another value means that profile or challenge changed since.
  std::string configuration;
};

// Lower-case hex of SHA-256 each. Looks at the files that the issuer's options name; a missing one is no failure.
[[nodiscard]] ProfileHashes hash_profile(const Profile& profile);
// ProfileHashes::issuer of each issuer, in their order.
[[nodiscard]] std::vector<std::string> issuer_hashes(const Profile& profile);
// ProfileHashes::request when that issuer (its place in the list) is asked.
[[nodiscard]] std::string request_hash(const Profile& profile, std::size_t issuer);

}  // namespace certctl::config
