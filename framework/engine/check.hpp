// The check of an issuer's answer: a certificate that carries our key, comes from a pinned issuer and is no CA is never
// thrown away (design section 2).
#pragma once

#include <certctl/types.hpp>

#include <optional>
#include <string>
#include <vector>

#include "framework/config/profile.hpp"
#include "framework/crypto/certificate.hpp"
#include "framework/crypto/key.hpp"
#include "framework/engine/journal.hpp"

namespace certctl::engine {

struct CheckInput {
  const crypto::Certificate* issued = nullptr;
  const crypto::Key* key = nullptr;
  std::vector<crypto::Certificate> candidates;  // for the chain
  std::vector<crypto::Certificate> anchors;     // what the pin vouches for
  CertificateRequest wanted;                    // as recorded with the request
  config::NamesPolicy names = config::NamesPolicy::warn;
  config::RenewThreshold renew;
  const crypto::Certificate* old = nullptr;  // the active one, if any
  EpochSeconds now = 0;
  EpochSeconds floor = 0;
  bool clock_trusted = true;
};

enum class Verdict : int { accept, wait, refuse };

struct CheckResult {
  Verdict verdict = Verdict::refuse;
  Error refusal;                     // refuse: why
  EpochSeconds valid_from = 0;       // wait: notBefore
  std::vector<std::string> differs;  // other subject, names, usages: shown, no work
  std::vector<std::string> warnings;
  bool not_extended = false;
  std::vector<crypto::Certificate> chain;  // from the issued certificate's issuer towards the anchor, anchor excluded
};

[[nodiscard]] CheckResult check_answer(const CheckInput& input);

}  // namespace certctl::engine
