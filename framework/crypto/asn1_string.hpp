// The string types of ASN.1.
#pragma once

#include "framework/crypto/ber.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace certctl::crypto {

// A string of any ASN.1 string type in UTF-8: PrintableString, UTF8String, IA5String, T61String (read as Latin-1),
// BMPString (UTF-16), UniversalString. Nothing when the octets do not fit the type.
[[nodiscard]] std::optional<std::string> string_to_utf8(std::uint8_t tag, BytesView content);

// Well-formed UTF-8: shortest forms, no surrogates, at most U+10FFFF.
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;
// Octets of the well-formed character at the front; 0: there is none.
[[nodiscard]] std::size_t utf8_sequence(std::string_view text) noexcept;
// Number of characters. Precondition: is_utf8().
[[nodiscard]] std::size_t utf8_length(std::string_view text) noexcept;
// UTF-16, big-endian, as BMPString wants it; nothing when a character lies outside the basic plane or it is no UTF-8.
[[nodiscard]] std::optional<Bytes> utf8_to_bmp(std::string_view text);
[[nodiscard]] bool is_ascii(std::string_view text) noexcept;

}  // namespace certctl::crypto
