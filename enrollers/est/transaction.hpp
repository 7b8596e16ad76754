// One open request: all that is needed to send it again, and to judge the answer. It travels through checkpoints as a
// token; there is no private key in it, and no password.
#pragma once

#include "framework/crypto/certificate.hpp"

#include <certctl/types.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace certctl::est {

// How a certificate is asked for.
enum class Step : int {
  enroll,               // simpleenroll, with the login or the client certificate of the options
  reenroll,             // simplereenroll, with the certificate in service
  enroll_with_current,  // simpleenroll with the certificate in service: servers without simplereenroll
  server_key,           // serverkeygen, with the certificate in service if there is a usable one
};
std::string_view word_of(Step step);       // in tokens
std::string_view operation_of(Step step);  // in addresses
[[nodiscard]] constexpr bool renews(Step step) noexcept {
  return step == Step::reenroll || step == Step::enroll_with_current;
}

struct Transaction {
  std::string id;
  Step step = Step::enroll;
  std::vector<Step> next;                    // after this one
  bool presents_current = false;             // the certificate in service authenticates it
  Bytes csr;                                 // DER: it is the same each time
  std::vector<crypto::Certificate> ca_set;   // those that the pin vouches for
  std::vector<crypto::Certificate> anchors;  // what the pin names
  std::string first_use;                     // fingerprint that was trusted on first use; or empty
};

// Throws "token-too-large" when it does not fit into 64 KiB even without what can be left out.
std::string token_of(const Transaction& transaction);
// Throws "token-damaged" (never).
Transaction transaction_from(const std::string& token);

// What the engine keeps for an issuer between requests.
struct Memory {
  bool no_reenroll = false;  // the server has no simplereenroll
  std::string first_use;     // fingerprint that was trusted on first use; or empty
};
std::string memory_text(const Memory& memory);
// Never fails: what cannot be read is forgotten.
Memory memory_from(std::string_view text);

}  // namespace certctl::est
