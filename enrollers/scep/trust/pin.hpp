// The pin: what says which CA is the right one. Fingerprints, a file with anchors, or the CA that was met first.
#pragma once

#include "framework/crypto/certificate.hpp"

#include <certctl/types.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace certctl::trust {

// A fingerprint over the DER of a certificate.
struct Fingerprint {
  enum class Hash : int { sha1, sha256, sha512 };
  Hash hash = Hash::sha256;
  std::string hex;  // lower case, no separators
};

// Every way in which people write them: colons, blanks, hyphens, either case, with or without "sha256:" before it; the
// length tells the hash. Fails with "bad-option" (never); MD5 (32 digits) is refused by name.
Fingerprint parse_fingerprint(std::string_view text);
Fingerprint fingerprint_of(const crypto::Certificate& certificate, Fingerprint::Hash hash);
std::string text_of(const Fingerprint& fingerprint);  // "sha256:9f86…"

struct PinSettings {
  std::vector<Fingerprint> fingerprints;
  std::string ca_file;  // PEM; read when it is used
  bool trust_on_first_use = false;
  [[nodiscard]] bool configured() const noexcept {
    return !fingerprints.empty() || !ca_file.empty() || trust_on_first_use;
  }
};

// A CA set, sorted by trust.
struct TrustedSet {
  std::vector<crypto::Certificate> anchors;  // what the pin names
  std::vector<crypto::Certificate> vouched;  // anchors of the set, and all of the set that chain to an anchor
  std::vector<std::string> warnings;
  std::optional<std::string> first_use;  // fingerprint to remember; set when it was trusted now
};

// Applies the pin to a fetched set. `vouched`: CA certificates that hold beside the pin. `remembered` is the
// fingerprint that an earlier first use noted ("" = none). `now` judges validity; nothing: the clock is not trusted.
// Fails with "ca-not-trusted" (never), showing both fingerprints, and "no-pin" (never).
TrustedSet apply_pin(const PinSettings& pin, std::span<const crypto::Certificate> fetched, std::string_view remembered,
                     std::optional<TimePoint> now, std::span<const crypto::Certificate> vouched = {});

// Whether a path leads from the certificate to an anchor.
[[nodiscard]] bool chains_to(const crypto::Certificate& certificate, std::span<const crypto::Certificate> candidates,
                             std::span<const crypto::Certificate> anchors, std::optional<TimePoint> now);

}  // namespace certctl::trust
