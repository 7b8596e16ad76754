// The TLS certificate of the development CA's EST server.
#pragma once

#include "framework/devca/authority.hpp"
#include "framework/devca/http_server.hpp"

namespace certctl::devca {

// Made anew at each start, with a key of its own, for localhost, 127.0.0.1, ::1 and `address`.
TlsServing make_tls(const Authority& authority, EstTls how, const std::string& address, TimePoint now);

}  // namespace certctl::devca
