// The certificate that answers a tls-alpn-01 challenge (RFC 8737 §3, RFC 8738 §6).
#pragma once

#include "enrollers/acme/protocol/messages.hpp"
#include "framework/crypto/tls_responder.hpp"

#include <string>

namespace certctl::acme {

// Self-signed, with one name and the hash of the key authorization. `now`: in the middle of its validity.
[[nodiscard]] crypto::TlsPresented alpn_certificate(const Identifier& identifier, const std::string& authorization,
                                                    TimePoint now);
// The server name that a client sends for it: of an address its name in the reverse tree.
[[nodiscard]] std::string alpn_server_name(const Identifier& identifier);

}  // namespace certctl::acme
