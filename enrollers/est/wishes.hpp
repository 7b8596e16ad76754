// A server's wishes (csrattrs), set against what the profile asks for.
#pragma once

#include "enrollers/est/protocol/csr_attributes.hpp"

#include <certctl/types.hpp>

#include <string>
#include <vector>

namespace certctl::est {

struct Granted {
  crypto::Digest digest = crypto::Digest::sha256;
  std::vector<crypto::RequestedExtension> extensions;
  std::vector<std::string> warnings;  // what is not done
};

// The profile says what is asked for: a wish adds to it where it says nothing, and never changes it. Fails with
// "key-refused" (never): the server takes other kinds of keys; "wish-refused" (never): it wants a request that must not
// be made, such as one for a CA.
[[nodiscard]] Granted grant(const CsrAttributes& wishes, const CertificateRequest& wanted, const crypto::Key& key);

}  // namespace certctl::est
