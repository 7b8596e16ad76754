#include "framework/engine/issuer.hpp"

#include <algorithm>

#include "framework/engine/engine_host.hpp"
#include "framework/engine/profile_session.hpp"
#include "framework/engine/rollover.hpp"

namespace certctl::engine {
namespace {

// A call of the enroller that authenticates as the holder of the active credential.
class HolderCall {
 public:
  explicit HolderCall(ProfileSession& session)
      : host_(session.context(), session.profile().name, nullptr, "enroller",
              [&session] { return session.clock_trusted(); }),
        enroller_(make(session, host_)) {
    if (!session.active())
      throw Failure::never("no-credential", "there is no active certificate",
                           "run `certctl renew " + session.profile().name + "`");
    current_ = session.store().call(&StoreApi::read, session.active()->number);
    key_ = session.open_key(current_.key);
    request_.vouched_pem = pem_of(vouched_authorities(session, session.issuer_hashes()[session.issuer_in_service()]));
    request_.current = &current_;
    request_.current_key = key_.handle.get();
    const auto record = session.journal().generations.find(session.active()->number);
    if (record != session.journal().generations.end()) {
      const auto memory = session.journal().memory.find(record->second.issuer_hash);
      if (memory != session.journal().memory.end()) request_.memory = memory->second;
    }
  }
  HolderCall(const HolderCall&) = delete;
  HolderCall& operator=(const HolderCall&) = delete;

  [[nodiscard]] const Credential& current() const noexcept { return current_; }
  std::string certificate(const std::string& serial) {
    return enroller_.call(&EnrollerApi::fetch_certificate, serial, request_, host_);
  }
  Bytes crl() { return enroller_.call(&EnrollerApi::fetch_crl, request_, host_); }

 private:
  static registry::Instance<EnrollerApi> make(ProfileSession& session, EngineHost& host) {
    const config::PluginUse& issuer = session.profile().issuers[session.issuer_in_service()];
    return session.context().registry->make<EnrollerApi>(issuer.plugin, issuer.options, host);
  }

  EngineHost host_;  // before the instance that borrows it
  registry::Instance<EnrollerApi> enroller_;
  Credential current_;
  OpenedKey key_;
  EnrollRequest request_;
};

// Whoever issued the certificate signs its list (RFC 5280 §6.3.3 (f) without indirect lists).
bool is_vouched_for(const crypto::Crl& crl, const Credential& credential) {
  const auto certificate = crypto::Certificate::from_pem(credential.certificate_pem);
  const auto signs = [&](const std::string& pem) {
    const auto authority = crypto::Certificate::from_pem(pem);
    return certificate.signed_by(authority) && crl.signed_by(authority);
  };
  return std::any_of(credential.chain_pem.begin(), credential.chain_pem.end(), signs) ||
         std::any_of(credential.ca_set_pem.begin(), credential.ca_set_pem.end(), signs);
}

}  // namespace

TrustAnchors fetch_trust_anchors(const Context& context, const config::Profile& profile,
                                 std::optional<std::size_t> wanted_issuer) {
  const ProfileSession session(context, profile, Access::look);
  EngineHost host(context, profile.name, nullptr, "enroller", [&] { return session.clock_trusted(); });
  const std::size_t issuer = wanted_issuer.value_or(session.issuer_in_service());
  const config::PluginUse& asked = profile.issuers.at(issuer);
  auto enroller = context.registry->make<EnrollerApi>(asked.plugin, asked.options, host);
  return enroller.call(&EnrollerApi::fetch_trust_anchors,
                       pem_of(vouched_authorities(session, session.issuer_hashes()[issuer])), host);
}

std::string fetch_certificate(const Context& context, const config::Profile& profile, const std::string& serial) {
  ProfileSession session(context, profile, Access::look);
  return HolderCall(session).certificate(serial);
}

RevocationReport check_revocation(const Context& context, const config::Profile& profile) {
  ProfileSession session(context, profile, Access::work);
  HolderCall call(session);
  RevocationReport report;
  report.crl = call.crl();
  const auto crl = crypto::Crl::from_text({reinterpret_cast<const char*>(report.crl.data()), report.crl.size()});
  const auto certificate = crypto::Certificate::from_pem(call.current().certificate_pem);
  if (!is_vouched_for(crl, call.current())) {
    throw Failure(
        "crl-untrusted",
        "the revocation list of " + crl.issuer_text() + " is not signed by the CA that issued the certificate",
        "nothing is concluded from it; look at `certctl ca show " + profile.name + "`");
  }
  report.issuer = crl.issuer_text();
  report.this_update = crl.this_update();
  report.next_update = crl.next_update();
  report.count = crl.count();
  report.serial = certificate.serial();
  report.outdated = session.clock_trusted() && report.next_update && *report.next_update < session.now();
  report.revoked = crl.find(certificate);
  // A suspended certificate may come back; it is not replaced for that.
  const bool final_word = report.revoked && report.revoked->reason != "certificateHold";
  GenerationRecord& record = session.journal().generations[session.active()->number];
  const EpochSeconds noted = final_word ? std::max<EpochSeconds>(report.revoked->at, 1) : 0;
  // An old list says nothing against what a newer one said.
  if (noted != record.revoked_at && (noted != 0 || !report.outdated)) {
    record.revoked_at = noted;
    session.commit();
  }
  return report;
}

}  // namespace certctl::engine
