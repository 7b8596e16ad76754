#include "framework/engine/kept_certificate.hpp"

#include "framework/engine/profile_session.hpp"

namespace certctl::engine {

KeptCertificate kept_certificate(const Context& context, const config::Profile& profile, int generation) {
  ProfileSession session(context, profile, Access::look);
  KeptCertificate kept;
  kept.generation = generation;
  if (generation == 0) {
    if (!session.active())
      throw Failure::never("no-credential", "there is no active certificate",
                           "run `certctl renew " + profile.name + "`");
    kept.generation = session.active()->number;
  }
  const Credential credential = session.store().call(&StoreApi::read, kept.generation);
  kept.certificate_pem = credential.certificate_pem;
  kept.chain_pem = credential.chain_pem;
  return kept;
}

}  // namespace certctl::engine
