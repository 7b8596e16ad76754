// Faults of a CertRep: its attributes, signature and structure. What is inside: envelope_faults.hpp.
#pragma once

#include "enrollers/scep/protocol/reply.hpp"
#include "framework/devca/faults.hpp"

#include <span>
#include <string_view>

namespace certctl::devca {

std::span<const std::string_view> message_faults();

// What the signature covers.
void spoil_reply(Faults& faults, scep::ReplySpec& spec);
// What it does not.
void spoil_message(Faults& faults, Bytes& message);

}  // namespace certctl::devca
