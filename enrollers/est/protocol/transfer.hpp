// The base64 in which EST carries what is DER (RFC 7030 §4, RFC 8951 §2).
#pragma once

#include "framework/crypto/ber.hpp"

#include <certctl/types.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace certctl::est {

// Lines of 64 columns with CRLF: there are servers that read no longer ones.
[[nodiscard]] std::string encode_transfer(crypto::BytesView der);
// One line, without an end: there are clients that read nothing else.
[[nodiscard]] std::string encode_in_one_line(crypto::BytesView der);

// What a body holds: base64 with or without line breaks of either kind, or (against the RFC) the DER itself. The header
// Content-Transfer-Encoding means nothing. Nothing when it is neither.
[[nodiscard]] std::optional<Bytes> decode_transfer(crypto::BytesView body);

}  // namespace certctl::est
