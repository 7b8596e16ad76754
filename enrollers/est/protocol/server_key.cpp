#include "enrollers/est/protocol/server_key.hpp"

#include "enrollers/est/protocol/certificates.hpp"
#include "enrollers/est/protocol/multipart.hpp"
#include "enrollers/est/protocol/transfer.hpp"
#include "enrollers/est/protocol/words.hpp"

#include <certctl/result.hpp>

#include <optional>

namespace certctl::est {
namespace {

constexpr std::string_view kTypeCms = "application/pkcs7-mime";

// Overwrites what was a private key when it goes.
struct WipedParts {
  std::vector<Part>& parts;
  ~WipedParts() {
    for (Part& part : parts)
      if (!part.body.empty()) wipe(part.body.data(), part.body.size());
  }
};

crypto::Key read_key(const Part& part) {
  auto decoded = decode_transfer(part.body);
  if (!decoded) crypto::malformed("the server's key is no base64");
  std::vector<Part> der{{{}, std::move(*decoded)}};
  const WipedParts wiped{der};
  try {
    return crypto::Key::from_der(der.front().body);
  } catch (const Failure& failure) {
    throw Failure("malformed-message", "the server's key: " + failure.error().message);
  }
}

}  // namespace

ServerKey parse_server_key(std::string_view content_type, crypto::BytesView body) {
  std::optional<crypto::Key> key;
  std::vector<crypto::Certificate> certificates;
  std::vector<Part> parts = parse_multipart(content_type, body);
  const WipedParts wiped{parts};
  for (const Part& part : parts) {
    if (is_type(part.content_type, kTypeKey)) {
      if (key) crypto::malformed("more than one key");
      key = read_key(part);
    } else if (part.content_type.find("server-generated-key") != std::string::npos) {
      throw Failure::never("key-encrypted", "the server sends the key encrypted, which was not asked for",
                           "ask the operator of the CA to send it inside TLS only");
    } else if (is_type(part.content_type, kTypeCms)) {
      if (!certificates.empty()) crypto::malformed("more than one list of certificates");
      certificates = parse_certificates(part.body);
    }
  }
  if (!key) crypto::malformed("no key");
  if (certificates.empty()) crypto::malformed("no certificate");
  return {std::move(*key), std::move(certificates)};
}

}  // namespace certctl::est
