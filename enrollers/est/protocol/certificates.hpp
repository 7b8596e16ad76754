// What /cacerts, /simpleenroll and /simplereenroll answer with: certificates (RFC 7030 §4.1.3, §4.2.3).
#pragma once

#include "framework/crypto/ber.hpp"
#include "framework/crypto/certificate.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace certctl::est {

// A certificates-only SignedData; also a single certificate, and PEM of either, as some servers send them. In the
// message's order, each once. Fails with "malformed-message" (later): none of these, none in it, more than 200.
[[nodiscard]] std::vector<crypto::Certificate> parse_certificates(crypto::BytesView body);

// Server: DER, before its base64.
[[nodiscard]] Bytes build_certificates(std::span<const crypto::Certificate> certificates);

// The CA certificates of a set that their CA made for its next key: self-signed, none of `known`, and proved by one of
// the same subject and key in the set that leads to one of `known` (new with old; RFC 7030 §4.1.3, RFC 4210 §4.4).
[[nodiscard]] std::vector<crypto::Certificate> proved_successors(std::span<const crypto::Certificate> set,
                                                                 std::span<const crypto::Certificate> known,
                                                                 std::optional<TimePoint> now);

}  // namespace certctl::est
