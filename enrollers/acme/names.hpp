// What of a profile's request ACME can carry: DNS names and IP addresses, and one of them as the common name.
#pragma once

#include "enrollers/acme/protocol/messages.hpp"

#include <certctl/types.hpp>

#include <string>
#include <vector>

namespace certctl::acme {

struct Carried {
  std::vector<Identifier> identifiers;  // sorted, each once
  CertificateRequest request;           // what the CSR is made of
  std::vector<std::string> warnings;    // what is left out
};

// Fails with "name-not-carried" (never) for other kinds of names, none at all, and a subject that is more than a name
// unless `drop_subject`.
[[nodiscard]] Carried carry(const CertificateRequest& wanted, bool drop_subject);

// ASCII letters only.
[[nodiscard]] std::string lower_case(std::string text);

[[nodiscard]] AltName alt_name_of(const Identifier& identifier);
// The same name, however the server writes it.
[[nodiscard]] bool same_identifier(const Identifier& left, const Identifier& right);

}  // namespace certctl::acme
