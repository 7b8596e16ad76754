// PEM text without interpretation of what is in it.
#pragma once

#include "framework/crypto/ber.hpp"

#include <certctl/types.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace certctl::crypto {

// More than this is no bundle of keys and certificates.
inline constexpr std::size_t kMaxPemBytes = 4U << 20U;
inline constexpr std::size_t kMaxPemBlocks = 256;

struct PemBlock {
  std::string label;       // "CERTIFICATE"
  bool encrypted = false;  // a traditional encrypted key (Proc-Type) or the label ENCRYPTED PRIVATE KEY
  Bytes der;               // decoded; empty when encrypted in the traditional way
  std::size_t begin = 0;   // where the block stands in the text: [begin, end)
  std::size_t end = 0;
};

// All blocks, in their order; text between them is skipped (`openssl x509 -text` writes some), CRLF is fine. Fails with
// "pem-malformed" on a block that has no end, another end, or is no base64, and on text over the limits. No block: an
// empty list.
[[nodiscard]] std::vector<PemBlock> split_pem(std::string_view text);

// The one form in which certctl writes PEM: 64 columns, LF.
[[nodiscard]] std::string pem_text(std::string_view label, BytesView der);

}  // namespace certctl::crypto
