// The answer of /serverkeygen: a key and its certificate (RFC 7030 §4.4.2).
#pragma once

#include "framework/crypto/ber.hpp"
#include "framework/crypto/certificate.hpp"
#include "framework/crypto/key.hpp"

#include <string_view>
#include <vector>

namespace certctl::est {

struct ServerKey {
  crypto::Key key;
  std::vector<crypto::Certificate> certificates;  // as parse_certificates()
};

// Fails with "malformed-message": no parts of these types, or more than one; "key-encrypted" (never): the key is
// wrapped for somebody (RFC 7030 §4.4.1.1), which was not asked for. Which certificate the key has is not judged.
[[nodiscard]] ServerKey parse_server_key(std::string_view content_type, crypto::BytesView body);

}  // namespace certctl::est
