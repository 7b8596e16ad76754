// Writes the few ASN.1 structures that have no OpenSSL type of their own. Output is DER.
#pragma once

#include "framework/crypto/ber.hpp"

#include <certctl/types.hpp>

#include <initializer_list>
#include <string_view>
#include <vector>

namespace certctl::crypto {

// identifier, length, content.
Bytes der_element(std::uint8_t identifier, BytesView content);
// A SEQUENCE of already encoded elements, in this order.
Bytes der_sequence(std::initializer_list<BytesView> elements);
// A SET OF: elements are sorted as DER wants it.
Bytes der_set_of(std::vector<Bytes> elements);
// INTEGER from the value's two's complement octets, leading sign octets removed.
Bytes der_integer(BytesView value);
// OBJECT IDENTIFIER from dotted text. Fails with "internal" on a malformed one.
Bytes der_oid(std::string_view dotted);

inline constexpr std::uint8_t kTagUtf8String = 0x0C;
inline constexpr std::uint8_t kTagPrintableString = 0x13;
inline constexpr std::uint8_t kTagT61String = 0x14;
inline constexpr std::uint8_t kTagIa5String = 0x16;
inline constexpr std::uint8_t kTagUtcTime = 0x17;
inline constexpr std::uint8_t kTagGeneralizedTime = 0x18;
inline constexpr std::uint8_t kTagUniversalString = 0x1C;
inline constexpr std::uint8_t kTagBmpString = 0x1E;

[[nodiscard]] bool is_printable_string(std::string_view text) noexcept;
inline BytesView bytes_of(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace certctl::crypto
