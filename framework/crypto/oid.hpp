// Object identifiers in dotted text.
#pragma once

#include <string_view>

namespace certctl::crypto {

// Digits and dots that form an encodable object identifier: at least two arcs, the first 0..2, the second below 40
// under the first two, no leading zeros, at most 64 octets when encoded.
[[nodiscard]] bool is_oid(std::string_view text) noexcept;

}  // namespace certctl::crypto
