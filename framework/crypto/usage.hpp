// Key usages and extended key usages, by name.
#pragma once

#include "framework/crypto/ber.hpp"

#include <certctl/types.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace certctl::crypto {

class Certificate;

// RFC 5280 §4.2.1.3; the values are OpenSSL's KU_….
inline constexpr unsigned kDigitalSignature = 0x0080;
inline constexpr unsigned kNonRepudiation = 0x0040;
inline constexpr unsigned kKeyEncipherment = 0x0020;
inline constexpr unsigned kDataEncipherment = 0x0010;
inline constexpr unsigned kKeyAgreement = 0x0008;
inline constexpr unsigned kKeyCertSign = 0x0004;
inline constexpr unsigned kCrlSign = 0x0002;
inline constexpr unsigned kEncipherOnly = 0x0001;
inline constexpr unsigned kDecipherOnly = 0x8000;

struct Usage {
  unsigned key_usage = 0;             // bits; 0: none asked for
  std::vector<std::string> extended;  // dotted OIDs, without repetition
};

// Names as in RFC 5280 (contentCommitment is nonRepudiation), extended usages by OpenSSL's short name (serverAuth,
// clientAuth, codeSigning, emailProtection, timeStamping, OCSPSigning, ipsecIKE …) or dotted OID. Fails with
// Failure::never("usage-unknown", …).
[[nodiscard]] Usage parse_usage(const std::vector<std::string>& names);
// The reverse, in a fixed order; an extended usage without a name keeps its OID.
[[nodiscard]] std::vector<std::string> usage_names(const Usage& usage);
[[nodiscard]] std::string extended_usage_name(std::string_view oid);

// DER of the two extensions' values.
[[nodiscard]] Bytes key_usage_der(unsigned bits);
[[nodiscard]] Bytes extended_usage_der(const std::vector<std::string>& oids);
// Fail with "malformed-message".
[[nodiscard]] unsigned key_usage_from_der(BytesView der);
[[nodiscard]] std::vector<std::string> extended_usage_from_der(BytesView der);

// Which of the wanted usages a certificate does not allow; an absent extension allows all. Names as wanted.
[[nodiscard]] std::vector<std::string> missing_usages(const Certificate& certificate,
                                                      const std::vector<std::string>& wanted);

}  // namespace certctl::crypto
