// The development CA's keys and certificates.
#pragma once

#include "framework/crypto/issue.hpp"
#include "framework/devca/settings.hpp"

#include <optional>
#include <string>
#include <vector>

namespace certctl::devca {

struct Authority {
  crypto::Issuer issuing;
  std::optional<crypto::Issuer> root;        // above it
  std::optional<crypto::Issuer> ra_sign;     // signs replies
  std::optional<crypto::Issuer> ra_decrypt;  // requests are encrypted to it; may be the same as ra_sign
  std::optional<crypto::Issuer> old_sign;    // of the RA before: answers what is encrypted to …
  std::optional<crypto::Issuer> old_decrypt;
  std::optional<crypto::Issuer> next;      // rollover
  std::vector<crypto::Certificate> links;  // new with old, old with new (RFC 4210 §4.4); they stay after it

  // Who signs the answer to a request that was encrypted to `recipient`.
  [[nodiscard]] const crypto::Issuer& reply_signer(const std::optional<crypto::Certificate>& recipient) const;
  [[nodiscard]] const crypto::Certificate& top() const noexcept {
    return root ? root->certificate : issuing.certificate;
  }
  // What GetCACert says: RA certificates, the issuing CA, the root. If the root issued the RA certificates, the issuing
  // CA is left out: the chain of the RA.
  [[nodiscard]] std::vector<crypto::Certificate> set() const;
  // What /cacerts of EST says: the CAs, and of a rollover the next root and the links (RFC 7030 §4.1.3).
  [[nodiscard]] std::vector<crypto::Certificate> est_set() const;
};

// Loads what the state directory has; makes it first if it is new. The directory must exist and be locked.
Authority open_authority(const std::string& directory, const CaShape& shape, TimePoint now);

// The next CA takes the place of the issuing one and of its root; RA certificates are made anew. Failure no-next-ca.
void roll_over(const std::string& directory);

// The RA certificates are made anew; the old ones still answer. Failure no-ra.
void roll_ra_over(const std::string& directory);

// Another CA of the same name: for the faults that clients must notice.
crypto::Issuer impostor_of(const crypto::Issuer& issuer, TimePoint now);

}  // namespace certctl::devca
