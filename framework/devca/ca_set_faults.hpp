// Faults of what a CA says of itself: capabilities, CA certificates, next CA certificates.
#pragma once

#include "enrollers/scep/protocol/ca_certificates.hpp"
#include "framework/devca/authority.hpp"
#include "framework/devca/faults.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace certctl::devca {

std::span<const std::string_view> capability_faults();
void spoil_capabilities(Faults& faults, std::string& text);

std::span<const std::string_view> ca_set_faults();
void spoil_ca_set(Faults& faults, const Authority& authority, TimePoint now, std::vector<crypto::Certificate>& set);

// The body of GetCACert for `set`.
scep::CaBody ca_body(Faults& faults, const std::vector<crypto::Certificate>& set, TimePoint now);
// Adds certificates that nobody needs to a certificates-only SignedData.
void append_certificates(Bytes& list, int count, TimePoint now);
// Adds those certificates many times over.
void append_again(Bytes& list, const std::vector<crypto::Certificate>& certificates);

std::span<const std::string_view> next_ca_faults();
// The body of GetNextCACert. Precondition: authority.next.
Bytes next_ca_body(Faults& faults, const Authority& authority, TimePoint now);

}  // namespace certctl::devca
