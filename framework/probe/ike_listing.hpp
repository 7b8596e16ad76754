// What strongSwan's charon says that it has loaded: the output of `swanctl --list-certs --raw`.
//
// The raw form, because it has every certificate whole, in hexadecimal, and beside it whether charon holds the private
// key. The form for people shows names of certificates that peers have sent; nothing in it can be trusted to stand
// where it seems to stand.
#pragma once

#include <string_view>
#include <vector>

#include "framework/crypto/certificate.hpp"

namespace certctl::probe {

struct LoadedCertificate {
  crypto::Certificate certificate;
  bool has_key = false;    // charon holds its private key
  bool authority = false;  // charon takes it as a CA certificate
};

// X.509 certificates in the order of the listing; those that cannot be read and entries of other kinds are left out,
// and so is everything that is no listing. Never fails.
[[nodiscard]] std::vector<LoadedCertificate> loaded_certificates(std::string_view raw_listing);

}  // namespace certctl::probe
