// GetCACert and GetNextCACert: what the body holds, and which certificate has which role.
#pragma once

#include "framework/crypto/certificate.hpp"
#include "framework/crypto/cms.hpp"

#include <certctl/types.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace certctl::scep {

// The certificates of a GetCACert reply: one DER certificate, a certificates-only SignedData, or PEM of either; the
// bytes decide, not the content type. Fails with "malformed-message"; a web page is named as such.
std::vector<crypto::Certificate> parse_ca_certificates(crypto::BytesView body);

struct CaBody {
  Bytes body;
  std::string_view content_type;
};
// Server: one certificate as it is, more as a certificates-only SignedData.
CaBody print_ca_certificates(std::span<const crypto::Certificate> certificates);

// The next CA certificates, after the outer signature has been verified with one of `current` (RFC 8894 §4.7.1).
// They are read from the content, or (jscep) from the outer message when there is no content.
std::vector<crypto::Certificate> parse_next_ca_certificates(crypto::BytesView body,
                                                            std::span<const crypto::Certificate> current);
// Server.
Bytes print_next_ca_certificates(std::span<const crypto::Certificate> next, const crypto::Certificate& signer,
                                 struct evp_pkey_st* signer_key, std::optional<TimePoint> signing_time);

// Which certificate of a set to encrypt requests to, never by position: the only one; else no CA with keyEncipherment;
// no CA with dataEncipherment; no CA without key usage; the CA that issues (the one that is above no other CA); else
// any with an RSA key. Key usage is disregarded as a last resort (NDES). Among equals one that is valid at `now`, then
// the newest. Nothing for an empty set.
std::optional<crypto::Certificate> choose_recipient(std::span<const crypto::Certificate> set,
                                                    std::optional<TimePoint> now);
// The CA that issues: a CA certificate of the set that is above no other CA in it. Nothing when there is no CA.
std::optional<crypto::Certificate> find_issuing_ca(std::span<const crypto::Certificate> set,
                                                   std::optional<TimePoint> now);

}  // namespace certctl::scep
