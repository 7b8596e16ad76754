// Names of EST (RFC 7030) as they stand in addresses and headers.
#pragma once

#include <string_view>

namespace certctl::est {

inline constexpr std::string_view kWellKnown = "/.well-known/est";

inline constexpr std::string_view kCaCertificates = "cacerts";
inline constexpr std::string_view kCsrAttributes = "csrattrs";
inline constexpr std::string_view kEnroll = "simpleenroll";
inline constexpr std::string_view kReenroll = "simplereenroll";
inline constexpr std::string_view kServerKey = "serverkeygen";

inline constexpr std::string_view kTypeRequest = "application/pkcs10";
inline constexpr std::string_view kTypeCertificates = "application/pkcs7-mime; smime-type=certs-only";
inline constexpr std::string_view kTypeAttributes = "application/csrattrs";
inline constexpr std::string_view kTypeKey = "application/pkcs8";
inline constexpr std::string_view kTypeMultipart = "multipart/mixed";

// The type before its parameters is this one, in any case.
[[nodiscard]] bool is_type(std::string_view content_type, std::string_view wanted) noexcept;

}  // namespace certctl::est
