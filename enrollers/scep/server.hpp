// What a client asks a SCEP server before it sends a message: capabilities and certificates.
#pragma once

#include "enrollers/scep/protocol/capabilities.hpp"
#include "enrollers/scep/settings.hpp"
#include "enrollers/scep/transport.hpp"

#include <string>
#include <vector>

namespace certctl::scep {

struct AnnouncedCapabilities {
  Capabilities capabilities;
  std::vector<std::string> warnings;  // why there are none
};

// GetCACaps. An HTTP error, an empty body, a web page, or a connection that the server closes mean "no capabilities"
// (RFC 8894 §3.5.2). Throws TransportFailure only when no connection can be made.
AnnouncedCapabilities fetch_capabilities(const Settings& settings, Transport& transport);

// GetCACert: everything in the reply, not judged. Throws TransportFailure, or Failure as failure_of() and
// parse_ca_certificates() do.
std::vector<crypto::Certificate> fetch_ca_certificates(const Settings& settings, Transport& transport);

// GetNextCACert, verified with `current`.
std::vector<crypto::Certificate> fetch_next_ca_certificates(const Settings& settings, Transport& transport,
                                                            const std::vector<crypto::Certificate>& current);

// An HTTP reply that carries no SCEP message, as a failure that says what came and what to do. `what` was asked:
// "GetCACert", "the request".
Failure failure_of(const HttpReply& reply, const std::string& what);

}  // namespace certctl::scep
