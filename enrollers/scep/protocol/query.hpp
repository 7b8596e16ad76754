// The query string of SCEP over HTTP, in both directions (RFC 8894 §4.1).
#pragma once

#include <certctl/types.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace certctl::scep {

inline constexpr std::string_view kContentTypeMessage = "application/x-pki-message";
inline constexpr std::string_view kContentTypeCaCert = "application/x-x509-ca-cert";
inline constexpr std::string_view kContentTypeCaRaCert = "application/x-x509-ca-ra-cert";
inline constexpr std::string_view kContentTypeNextCaCert = "application/x-x509-next-ca-cert";

// --- client ---

// `operation=OP`, and `&message=IDENTIFIER` (percent-escaped) when there is one.
std::string plain_query(std::string_view operation, std::string_view ca_identifier = {});
// `operation=PKIOperation&message=…`: standard base64, then percent-escaping of + / = (never base64url).
std::string message_query(std::span<const std::uint8_t> message);
// Standard base64 with padding, in one line.
std::string encode_base64(std::span<const std::uint8_t> bytes);
// `url` with `query` behind it, whether or not the URL already has one.
std::string url_with_query(std::string_view url, std::string_view query);

// --- server ---

struct Query {
  std::string operation;                  // as written; compare with same_operation()
  std::optional<std::string> message;     // of PKIOperation: percent-decoded, '+' kept; decode_message() reads it
  std::optional<std::string> identifier;  // the same argument as a CA identifier: '+' stands for a blank
};

// Order-free; further arguments are ignored. Never fails.
Query parse_query(std::string_view query);
[[nodiscard]] bool same_operation(std::string_view given, std::string_view operation);
// The bytes in a `message`: standard base64 or base64url, padded or not, with line breaks, blanks that were '+', or
// escaped twice. Nothing when that is not base64.
std::optional<Bytes> decode_message(std::string_view message);

}  // namespace certctl::scep
