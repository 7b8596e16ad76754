// ACME Renewal Information (RFC 9773).
#pragma once

#include "framework/crypto/certificate.hpp"

#include <string>

namespace certctl::acme {

// RFC 9773 §4.1: the name of a certificate in addresses and in `replaces`; empty without an authority key identifier.
[[nodiscard]] std::string certificate_id(const crypto::Certificate& certificate);

}  // namespace certctl::acme
