// A degenerate SignedData: certificates and CRLs, no signer, no content.
#pragma once

#include "framework/crypto/certificate.hpp"
#include "framework/crypto/cms.hpp"

#include <certctl/types.hpp>

#include <span>
#include <vector>

namespace certctl::crypto {

struct CertificateBag {
  std::vector<Certificate> certificates;  // in the order of the message; position means nothing
  std::vector<Bytes> crls;                // DER
  std::size_t signers = 0;                // 0 in a proper one; others are read too, their signatures mean nothing
};

// Accepts BER, and an empty crls field. Fails with "malformed-message".
CertificateBag parse_certificates_only(BytesView bytes);
// DER. `crls` are DER; fails with "malformed-message" when one is not a CRL.
Bytes build_certificates_only(std::span<const Certificate> certificates, std::span<const Bytes> crls = {});

}  // namespace certctl::crypto
