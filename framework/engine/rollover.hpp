// CA certificates that are trusted beside the pin: a CA that changes its certificate announces the next one
// (GetNextCACert, signed by the one in service), or an operator accepts it by its fingerprint. They are trusted from
// that moment on, before the issuer switches; the old ones stay in what targets get as `ca` as long as a kept
// generation comes from them.
#pragma once

#include <certctl/types.hpp>

#include <optional>
#include <string>
#include <vector>

#include "framework/crypto/certificate.hpp"
#include "framework/engine/context.hpp"
#include "framework/engine/journal.hpp"
#include "framework/engine/profile_session.hpp"

namespace certctl::engine {

struct VouchedCa {
  std::string pem;
  std::string how;  // "announced by the CA in service", "accepted by the operator"
  EpochSeconds since = 0;
};

// Those that were noted for this issuer (its identity's hash), if it is one of the profile's; the expired ones are left
// out (with a trusted clock). None when the record can't be read: trust is never widened by damage, delivery goes on,
// and the session tells of it (ProfileSession::rollover_damage).
[[nodiscard]] std::vector<VouchedCa> vouched_authorities(const ProfileSession& session, const std::string& issuer_hash);
[[nodiscard]] std::vector<std::string> pem_of(const std::vector<VouchedCa>& authorities);

// During a rollover: adds the vouched CA certificates, and those of the other kept generations of the same issuer whose
// certificates have not expired, to what the credential gives as CA set. Without one nothing is read and nothing
// changes.
void complete_authorities(ProfileSession& session, Credential& credential);

// Asks the issuer of the active certificate for its next CA certificates and notes them. Returns all that are noted
// now. Throws Failure: unsupported, no-credential, no-next-ca, rollover-damaged, busy, and what the enroller says.
std::vector<VouchedCa> take_next_authorities(const Context& context, const config::Profile& profile);

// Notes the CA certificate with this fingerprint (sha256:…) that the issuer presents now. `issuer`: its place in the
// profile's list; nothing: that of the active certificate. Throws Failure bad-option, ca-not-presented, not-a-ca,
// rollover-damaged.
std::vector<VouchedCa> accept_authority(const Context& context, const config::Profile& profile,
                                        std::optional<std::size_t> issuer, const std::string& fingerprint);

}  // namespace certctl::engine
