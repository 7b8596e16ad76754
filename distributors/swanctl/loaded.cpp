#include "distributors/swanctl/loaded.hpp"

#include <certctl/result.hpp>

#include <algorithm>

namespace certctl::swanctl {
namespace {

using probe::LoadedCertificate;

const LoadedCertificate* find(const std::vector<LoadedCertificate>& loaded, const crypto::Certificate& certificate) {
  // A certificate can be listed twice, as a peer's too.
  const LoadedCertificate* found = nullptr;
  for (const LoadedCertificate& one : loaded) {
    if (!(one.certificate == certificate)) continue;
    if (found == nullptr || one.has_key) found = &one;
  }
  return found;
}

}  // namespace

void require_loaded_with_key(const std::vector<LoadedCertificate>& loaded, const crypto::Certificate& certificate) {
  const LoadedCertificate* const found = find(loaded, certificate);
  if (found == nullptr) {
    throw Failure("not-served", "charon has not loaded certificate serial " + certificate.serial(),
                  "see the output of swanctl --load-creds");
  }
  if (!found->has_key) {
    throw Failure("not-served", "charon has certificate serial " + certificate.serial() + ", but not its private key",
                  "see the output of swanctl --load-creds; the next authentication would fail");
  }
}

Served served_of(const std::vector<LoadedCertificate>& loaded, const crypto::Certificate& certificate,
                 const std::vector<crypto::Certificate>& authorities) {
  Served served;
  served.known = true;
  if (find(loaded, certificate) == nullptr) {
    const auto other = std::find_if(loaded.begin(), loaded.end(), [&](const LoadedCertificate& one) {
      return one.has_key && one.certificate.subject_der() == certificate.subject_der();
    });
    if (other != loaded.end()) {
      served.fingerprint = other->certificate.fingerprint();
      served.detail = "charon has serial " + other->certificate.serial() + " with its private key, not serial " +
                      certificate.serial();
      return served;
    }
  }
  require_loaded_with_key(loaded, certificate);
  for (const crypto::Certificate& authority : authorities) {
    const bool there = std::any_of(loaded.begin(), loaded.end(), [&](const LoadedCertificate& one) {
      return one.authority && one.certificate == authority;
    });
    if (!there) {
      throw Failure("chain-not-served",
                    "charon has the certificate, but not the CA certificate " + authority.subject_text(),
                    "see the output of swanctl --load-creds");
    }
    served.chain_fingerprints.push_back(authority.fingerprint());
  }
  served.fingerprint = certificate.fingerprint();
  served.detail = "charon has serial " + certificate.serial() + " with its private key";
  return served;
}

}  // namespace certctl::swanctl
