// The CA's certificates as -c and -e name them, and which of them does what.
#pragma once

#include "framework/compat/sscep/console.hpp"
#include "framework/compat/sscep/options.hpp"
#include "framework/crypto/certificate.hpp"

#include <certctl/types.hpp>

#include <optional>
#include <span>
#include <vector>

namespace certctl::sscep {

struct CaSet {
  bool single = true;                            // -c names one file
  std::vector<crypto::Certificate> trusted;      // all that were named: they may sign replies
  std::optional<crypto::Certificate> recipient;  // requests are encrypted to it
  std::optional<crypto::Certificate> issuing;    // the CA that issues, if it is among them
  // Its name: of the CA, not of an RA (RFC 8894 §3.3.3).
  [[nodiscard]] Bytes issuer_name() const;
};

// One certificate in the file itself, or the set FILE-0, FILE-1 … If both are there, the newer counts: a file that an
// earlier CA left behind must not hide the set. Throws Stop (file).
CaSet load_ca_set(const Options& options, const Console& console, TimePoint now);

// Whether the CA's certificates vouch for one that it issued: one of them signed it, or a path leads to one, over
// `others` if need be. Only an RA's certificate is known: nobody can say, and the RA's signature has to do.
[[nodiscard]] bool vouches_for(const CaSet& set, const crypto::Certificate& issued,
                               std::span<const crypto::Certificate> others);

}  // namespace certctl::sscep
