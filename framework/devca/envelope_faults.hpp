// Faults of what a SUCCESS carries: the envelope, and the list of certificates in it.
#pragma once

#include "enrollers/scep/protocol/reply.hpp"
#include "framework/devca/authority.hpp"
#include "framework/devca/faults.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace certctl::devca {

std::span<const std::string_view> envelope_faults();

// Changes the certificates that go into the reply.
void spoil_list(Faults& faults, const Authority& authority, TimePoint now,
                std::vector<crypto::Certificate>& certificates);
// Changes how `spec.content` is enveloped. Precondition: recipient and cipher are set.
void spoil_envelope(Faults& faults, const Authority& authority, TimePoint now, scep::ReplySpec& spec);

}  // namespace certctl::devca
