// Digests and the texts that bytes travel in. Random numbers: random.hpp.
#pragma once

#include "framework/crypto/ber.hpp"

#include <certctl/types.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace certctl::crypto {

[[nodiscard]] Bytes sha1(BytesView data);
[[nodiscard]] Bytes sha256(BytesView data);
[[nodiscard]] Bytes sha512(BytesView data);
// Any digest that OpenSSL knows by name ("SHA2-384", "MD5"). Fails with "digest-unknown".
[[nodiscard]] Bytes digest(std::string_view algorithm, BytesView data);

// Lower-case hexadecimal. Upper case: hex_text() of random.hpp.
[[nodiscard]] std::string hex_lower(BytesView data);
// Two digits an octet, either case, no separators; nothing when it is not that.
[[nodiscard]] std::optional<Bytes> from_hex(std::string_view text);
[[nodiscard]] std::string sha256_hex(BytesView data);  // hex_lower(sha256(data))
[[nodiscard]] std::string sha256_hex(std::string_view text);

// One line, with padding.
[[nodiscard]] std::string base64_encode(BytesView data);
// Blanks and line breaks anywhere are ignored; padding may be absent. Nothing when something else is in it.
[[nodiscard]] std::optional<Bytes> base64_decode(std::string_view text);

// Time depends on the lengths only.
[[nodiscard]] bool constant_time_equal(BytesView left, BytesView right) noexcept;
[[nodiscard]] bool constant_time_equal(std::string_view left, std::string_view right) noexcept;

// Major version of the OpenSSL library that is loaded.
[[nodiscard]] unsigned library_major() noexcept;

}  // namespace certctl::crypto
