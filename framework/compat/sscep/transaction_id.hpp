// Transaction IDs that a later run finds again without having kept anything.
#pragma once

#include "framework/crypto/ber.hpp"

#include <string>
#include <string_view>

namespace certctl::sscep {

// The digest of a request's SubjectPublicKeyInfo in upper-case hexadecimal: MD5, as servers know it from the reference
// tool (OpenXPKI looks its workflows up by it); SHA-256 where MD5 is not available (FIPS). `purpose`, if not empty,
// makes another ID of the same key.
std::string transaction_id_of(crypto::BytesView spki, crypto::BytesView purpose = {}, std::string_view digest = "MD5");

}  // namespace certctl::sscep
