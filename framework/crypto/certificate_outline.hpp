// What a certificate in plain DER says of itself, read without OpenSSL, whose reading makes a usable public key of each
// certificate and costs fifty times as much.
#pragma once

#include "framework/crypto/ber.hpp"

#include <cstdint>
#include <optional>

namespace certctl::crypto {

// The spans point into the buffer that was read.
struct CertificateOutline {
  BytesView serial;             // content octets of the INTEGER; not negative
  BytesView issuer;             // the whole Name
  BytesView subject;            // same
  BytesView public_key;         // the whole SubjectPublicKeyInfo
  std::int64_t not_before = 0;  // seconds since 1970
  std::int64_t not_after = 0;
};

// Nothing for what is damaged, and for what is only unusual (BER, names beyond ASCII, other kinds of times): OpenSSL
// must say which. What is accepted, OpenSSL accepts too, with the same values, and writes as the same bytes.
[[nodiscard]] std::optional<CertificateOutline> outline_certificate(BytesView der) noexcept;

}  // namespace certctl::crypto
