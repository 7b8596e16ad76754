// The options of the plugin: the table, and what it becomes.
#pragma once

#include "enrollers/scep/protocol/algorithms.hpp"
#include "enrollers/scep/trust/exchange_options.hpp"

#include <certctl/options.hpp>

#include <optional>
#include <string>

namespace certctl::scep {

extern const OptionSpec kOptions[22];

enum class HttpMethod : int { by_capability, post, get };
enum class RenewalMessage : int { by_capability, renewal_req, pkcs_req };
enum class RenewalChallenge : int { as_needed, never, always };
enum class TransactionIds : int { random, key };

struct Settings : trust::ExchangeSettings {
  std::string url;
  std::string ca_identifier;
  SecretSource challenge;
  std::optional<crypto::ContentCipher> cipher;
  std::optional<crypto::Digest> digest;
  crypto::KeyTransport key_transport = crypto::KeyTransport::pkcs1;
  HttpMethod http = HttpMethod::by_capability;
  Legacy legacy = Legacy::receive;
  RenewalMessage renewal_message = RenewalMessage::by_capability;
  RenewalChallenge renewal_challenge = RenewalChallenge::as_needed;
  bool profile_subject_on_renewal = false;
  bool allow_ec = false;
  bool ignore_nonce = false;
  TransactionIds transaction_ids = TransactionIds::random;
};

// Fails with "bad-option" (never) on values that cannot work.
Settings read_settings(const Options& options);

}  // namespace certctl::scep
