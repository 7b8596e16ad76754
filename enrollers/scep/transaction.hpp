// One open request: all that is needed to send it again, to poll for it, and to judge the answer. It travels through
// checkpoints as a token; there is no private key in it, and no challenge.
#pragma once

#include "enrollers/scep/step.hpp"
#include "framework/crypto/certificate.hpp"
#include "framework/crypto/cms_enveloped.hpp"

#include <certctl/types.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace certctl::scep {

// Octets of a certificate that may go into a transaction, as signer or as one of the CA's: a token has 64 KiB for all
// of them. Real ones have two thousand.
inline constexpr std::size_t kLongestCertificate = 12 * 1024;

struct Transaction {
  std::string id;
  Step step = Step::self_signed;
  std::vector<Step> next;  // of the ladder, after this one
  Bytes csr;               // DER
  std::optional<crypto::Certificate> signer;
  std::optional<crypto::Certificate> recipient;
  std::vector<crypto::Certificate> ca_set;   // those that the pin vouches for: they may sign replies
  std::vector<crypto::Certificate> anchors;  // what the pin names
  bool post = true;
  crypto::ContentCipher cipher = crypto::ContentCipher::aes128_cbc;
  crypto::Digest digest = crypto::Digest::sha256;
  bool repeat_unanswered = false;  // sent again while in doubt, and no answer to that either
  std::string first_use;           // fingerprint that was trusted on first use; or empty
};

// Throws "token-too-large" when it does not fit into 64 KiB even without what can be left out.
std::string token_of(const Transaction& transaction);
// Throws "token-damaged" (never).
Transaction transaction_from(const std::string& token);

// What the engine keeps for an issuer between requests.
struct Memory {
  std::optional<Step> step;  // that worked
  std::string first_use;     // fingerprint that was trusted on first use; or empty
};
std::string memory_text(const Memory& memory);
// Never fails: what cannot be read is forgotten.
Memory memory_from(std::string_view text);

}  // namespace certctl::scep
