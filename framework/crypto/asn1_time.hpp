// ASN.1 times and seconds since 1970. For .cpp files: names OpenSSL's type.
#pragma once

#include <certctl/types.hpp>

#include <openssl/asn1.h>

#include <cstdint>
#include <optional>
#include <span>

namespace certctl::crypto {

// UTCTime or GeneralizedTime, with or without an offset; nothing when it is neither.
[[nodiscard]] std::optional<std::int64_t> time_seconds(const ASN1_TIME* time) noexcept;

// UTCTime for the years 1950..2049, else GeneralizedTime (RFC 5280 §4.1.2.5). False: out of the years 0..9999, or out
// of memory.
[[nodiscard]] bool set_time(ASN1_TIME* out, TimePoint time);

// The nearest TimePoint.
[[nodiscard]] TimePoint time_point(std::int64_t seconds) noexcept;

// A time as DER and RFC 5280 §4.1.2.5 want it, in UTC with seconds: YYMMDDHHMMSSZ, or YYYYMMDDHHMMSSZ where
// `generalized`. Nothing for any other text.
[[nodiscard]] std::optional<std::int64_t> plain_time_seconds(std::span<const std::uint8_t> text,
                                                             bool generalized) noexcept;

}  // namespace certctl::crypto
