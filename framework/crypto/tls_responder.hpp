// The server's side of TLS handshakes whose whole message is the certificate that is presented (RFC 8737). In
// certctl_tls, as tls_client.hpp.
#pragma once

#include "framework/crypto/certificate.hpp"

#include <chrono>
#include <functional>
#include <string>

namespace certctl::crypto {

struct TlsPresented {
  Certificate certificate;
  Key key;
};

// One handshake on a connected socket, which is made non-blocking and stays the caller's. Only a client that offers
// `protocol` (ALPN) and a server name that `find` knows gets a certificate; every other one is refused. False: no
// handshake came about within the deadline. `find` returns null for an unknown name; it is called on this thread.
bool answer_handshake(int socket, const std::string& protocol,
                      const std::function<const TlsPresented*(const std::string& server_name)>& find,
                      std::chrono::milliseconds deadline);

}  // namespace certctl::crypto
