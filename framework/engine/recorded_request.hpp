// The request as data, as it is recorded with a transaction (tx/request.json) and with a generation: an answer is
// checked against what was asked then, by the issuer and pin of then, however the profile has changed meanwhile.
#pragma once

#include <certctl/options.hpp>
#include <certctl/types.hpp>

#include <string>

#include "framework/config/profile.hpp"
#include "framework/engine/journal.hpp"

namespace certctl::engine {

struct RecordedRequest {
  std::string action;  // enroll, renew, rekey
  CertificateRequest wanted;
  std::string request_hash;
  std::string subject_hash;
  std::string issuer_hash;
  std::string issuer_plugin;
  Options issuer_options;  // inline secrets included: the file lies in tx/ (0600); `without_secrets` for other places
  config::NamesPolicy names = config::NamesPolicy::warn;
  std::string key_provider;
  bool key_is_current = false;  // the key of the active generation is used again
  int signer_generation =
      0;  // the generation that was active when the request was made; never pruned while this is open
  EpochSeconds key_since = 0;
};

[[nodiscard]] std::string recorded_request_to_text(const RecordedRequest& request, bool with_secrets);
// Throws Failure journal-damaged.
[[nodiscard]] RecordedRequest recorded_request_from_text(const std::string& text);

}  // namespace certctl::engine
