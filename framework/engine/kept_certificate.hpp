// The certificate of a generation, for people to look at and keep; the key stays where it is.
#pragma once

#include <string>
#include <vector>

#include "framework/engine/context.hpp"

namespace certctl::engine {

struct KeptCertificate {
  int generation = 0;
  std::string certificate_pem;
  std::vector<std::string> chain_pem;
};

// 0: the active generation. Throws Failure: no-credential, generation-unknown, and what the store says.
[[nodiscard]] KeptCertificate kept_certificate(const Context& context, const config::Profile& profile, int generation);

}  // namespace certctl::engine
