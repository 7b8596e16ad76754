// base64url without padding (RFC 7515 §2).
#pragma once

#include "framework/crypto/ber.hpp"

#include <certctl/types.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace certctl::acme {

[[nodiscard]] std::string base64url(crypto::BytesView bytes);
[[nodiscard]] std::string base64url(std::string_view text);
// Letters, digits, '-' and '_' only, and not empty: what tokens and nonces are made of.
[[nodiscard]] bool is_base64url(std::string_view text) noexcept;
// Either alphabet of base64, with padding, blanks and line breaks or without: how people paste keys. Nothing when it
// is neither.
[[nodiscard]] std::optional<Bytes> from_pasted_base64(std::string_view text);

}  // namespace certctl::acme
