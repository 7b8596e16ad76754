// One handshake with one address. Internal to probe.
#pragma once

#include <optional>
#include <vector>

#include "framework/crypto/certificate.hpp"
#include "framework/probe/address.hpp"
#include "framework/probe/listener.hpp"

namespace certctl::probe {

// The certificates that the listener presents at this address, its own first; never empty. Where it has several, the
// one with such a key; if it has none with such a key, what it has. Failure unreachable (later), with words that follow
// the address: "does not speak TLS".
[[nodiscard]] std::vector<crypto::Certificate> presented_at(const Address& address, const Listener& listener,
                                                            crypto::PublicKeyType key_type, Deadline deadline);

}  // namespace certctl::probe
