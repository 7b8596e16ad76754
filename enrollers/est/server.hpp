// What a client asks an EST server before it sends a request, and what an HTTP status means.
#pragma once

#include "enrollers/est/protocol/csr_attributes.hpp"
#include "enrollers/est/settings.hpp"
#include "enrollers/est/transport.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace certctl::est {

std::string address_of(const Settings& settings, std::string_view operation);

// /cacerts: everything in the reply, not judged. Any server is believed here unless `tls_ca_file` is set. Throws
// TransportFailure, or Failure as failure_of() and parse_certificates() do.
std::vector<crypto::Certificate> fetch_ca_certificates(const Settings& settings, Transport& transport);

struct WishedAttributes {
  CsrAttributes attributes;
  std::vector<std::string> warnings;  // why there are none
};
// /csrattrs. Whatever the server says instead of a list means "no wishes"; only having no connection at all is a
// failure.
WishedAttributes fetch_csr_attributes(const Settings& settings, Transport& transport, const Access& access);

// A reply that is no success, as an error: RetryClass::never for what only a person can mend. `what` was asked:
// "cacerts", "the request". `access`: how, for what a 401 means.
Error error_of(const HttpReply& reply, const std::string& what, const Access& access);
Failure failure_of(const HttpReply& reply, const std::string& what, const Access& access);

}  // namespace certctl::est
