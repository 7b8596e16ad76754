// One open order: all that is needed to go on with it. It travels through checkpoints as a token; there is no private
// key in it.
#pragma once

#include "enrollers/acme/protocol/messages.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace certctl::acme {

// The answer to a challenge, as it was laid out for the server; it is taken away when the order needs it no more.
struct Presented {
  std::string type;       // "http-01"
  Identifier identifier;  // without "*."
  std::string token;
  std::string authorization;  // RFC 8555 §8.1
  friend bool operator==(const Presented&, const Presented&) = default;
};

struct Transaction {
  std::string id;
  Bytes csr;  // DER
  std::vector<Identifier> identifiers;
  std::string account_url;
  std::string order_url;  // empty: not ordered yet
  std::string first_use;  // fingerprint that was trusted on first use; or empty
  std::vector<Presented> presented;
};

// Throws "token-too-large".
std::string token_of(const Transaction& transaction);
// Throws "token-damaged" (never).
Transaction transaction_from(const std::string& token);

// What the engine keeps for an issuer between requests.
struct Memory {
  std::string account_url;
  std::string account_of;  // thumbprint of the key and address of the directory whose account it is, hashed
  std::string first_use;   // fingerprint that was trusted on first use; or empty
};
std::string memory_text(const Memory& memory);
// Never fails: what cannot be read is forgotten.
Memory memory_from(std::string_view text);

}  // namespace certctl::acme
