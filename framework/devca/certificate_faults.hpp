// Faults of an issued certificate.
#pragma once

#include "framework/crypto/issue.hpp"
#include "framework/devca/faults.hpp"

#include <span>
#include <string_view>

namespace certctl::devca {

std::span<const std::string_view> certificate_faults();

// Changes what is to be issued for `csr`. Not here, as they need the CA's records or another issuer: old-certificate,
// repeated-serial, unchained, self-issued.
void spoil_certificate(Faults& faults, const crypto::Csr& csr, TimePoint now, crypto::IssueSpec& spec);

}  // namespace certctl::devca
