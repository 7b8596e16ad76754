// Passwords of people, as they are kept: hashed with scrypt (RFC 7914), which costs a guesser time and memory.
#pragma once

#include <string>
#include <string_view>

namespace certctl::crypto {

// "$scrypt$ln=14,r=8,p=5$SALT$HASH" with a salt of its own; 16 MiB and a fraction of a second. Fails with
// "random-failed", "hash-failed".
[[nodiscard]] std::string hash_password(std::string_view password);

// False, too, when `hash` is none of ours or asks for more than 64 MiB. Time does not depend on how much fits.
[[nodiscard]] bool password_matches(std::string_view password, std::string_view hash);

}  // namespace certctl::crypto
