// What `swanctl --list-certs` prints for people, read for the one thing that no other form of it says: whether the
// daemon has the private key of a certificate.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "framework/crypto/certificate.hpp"

namespace certctl::engine {

struct IkeCertificate {
  std::string serial;  // lower-case hex without colons and leading zeros
  std::string key_id;  // SHA-1 of the SubjectPublicKeyInfo, lower-case hex; empty: none is shown
  bool has_key = false;
};

// All end-entity certificates of the listing. Lines that say something else are skipped; never fails.
[[nodiscard]] std::vector<IkeCertificate> ike_certificates(std::string_view listing);

// Whether one of them is this certificate, with its private key.
[[nodiscard]] bool has_private_key(const std::vector<IkeCertificate>& listed, const crypto::Certificate& certificate);

}  // namespace certctl::engine
