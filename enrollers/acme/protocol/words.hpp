// Names of ACME (RFC 8555) as they stand in messages, headers and paths.
#pragma once

#include <string_view>

namespace certctl::acme {

inline constexpr std::string_view kProblemPrefix = "urn:ietf:params:acme:error:";
inline constexpr std::string_view kTypeJose = "application/jose+json";
inline constexpr std::string_view kTypeChain = "application/pem-certificate-chain";

inline constexpr std::string_view kHttp = "http-01";         // RFC 8555 §8.3
inline constexpr std::string_view kDns = "dns-01";           // RFC 8555 §8.4
inline constexpr std::string_view kTlsAlpn = "tls-alpn-01";  // RFC 8737

inline constexpr std::string_view kHttpPath = "/.well-known/acme-challenge/";
inline constexpr std::string_view kDnsLabel = "_acme-challenge.";
inline constexpr std::string_view kAlpnProtocol = "acme-tls/1";
inline constexpr std::string_view kAcmeIdentifier = "1.3.6.1.5.5.7.1.31";  // RFC 8737 §3

}  // namespace certctl::acme
