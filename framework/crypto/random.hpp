// Random bytes for nonces and identifiers.
#pragma once

#include <certctl/types.hpp>

#include <string>

namespace certctl::crypto {

// From OpenSSL's generator. Fails with "random-failed".
Bytes random_bytes(std::size_t count);
// Upper-case hexadecimal.
std::string hex_text(const Bytes& bytes);

}  // namespace certctl::crypto
