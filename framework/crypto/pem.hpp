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

// A block where it stands in the caller's text: nothing is copied, for it may be a key.
struct PemBlock {
  std::string label;       // "CERTIFICATE"
  bool encrypted = false;  // a traditional encrypted key, or the label ENCRYPTED PRIVATE KEY
  std::string_view text;   // from "-----BEGIN" to the end of the line of "-----END", without its line break
  std::string_view body;   // base64 and line breaks
};

// All blocks, in their order; text between them is skipped (`openssl x509 -text` writes some), CRLF and blanks at both
// ends of lines are fine. Fails with "pem-malformed" (never) on a block without its end, with another end, or whose
// body is no base64, and on text over the limits. No block: an empty list.
[[nodiscard]] std::vector<PemBlock> split_pem(std::string_view text);
// Precondition: a block of split_pem() that is not encrypted in the traditional way.
[[nodiscard]] Bytes pem_decode(const PemBlock& block);

// The one form in which certctl writes PEM: 64 columns, LF.
[[nodiscard]] std::string pem_text(std::string_view label, BytesView der);

}  // namespace certctl::crypto
