// Reads the pair that is to be delivered: always one generation, never half of two.
#pragma once

#include <certctl/types.hpp>

#include <string>

namespace certctl::replace_pem {

// The credential in a generation's directory (key, crt, chain.pem, ca.pem). Failures: pair-unreadable.
[[nodiscard]] Credential read_generation(const std::string& directory);

// The active credential of a store. `.active` is resolved once. In a directory that only the old app has written,
// latest.key and latest.crt are read until they belong together. Failures: no-pair (there is none yet),
// pair-unreadable.
[[nodiscard]] Credential read_active(const std::string& store);

}  // namespace certctl::replace_pem
