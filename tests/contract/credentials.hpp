// Credentials for tests, from pairs that the openssl program made (tests/data/store).
#pragma once

#include <certctl/types.hpp>

#include <string>

namespace certctl::contract {

// NAME: one, two, three, four, five (different serials); repeated, repeated2 (the serial of one); negative. Serial,
// fingerprint, key, chain (the issuing CA) and CA set (issuing CA, root) are filled; generation and directory are not.
[[nodiscard]] Credential test_credential(const std::string& name);

}  // namespace certctl::contract
