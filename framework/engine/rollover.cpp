#include "framework/engine/rollover.hpp"

#include <algorithm>

#include "framework/engine/engine_host.hpp"
#include "framework/engine/rollover_record.hpp"
#include "framework/engine/words.hpp"

namespace certctl::engine {
namespace {

constexpr std::size_t kMost = 16;  // CA certificates of one issuer

bool is_over(const crypto::Certificate& certificate, const ProfileSession& session) {
  return session.clock_trusted() && certificate.not_after_seconds() <= session.now();
}

// Those of the profile's issuers, without expired certificates. Throws Failure rollover-damaged.
RolloverRecord recorded_authorities(const ProfileSession& session) {
  const auto text = session.state().rollover();
  if (!text) return {};
  RolloverRecord record = rollover_record_from_text(*text);
  const auto& own = session.issuer_hashes();
  std::erase_if(record, [&](const auto& one) { return std::find(own.begin(), own.end(), one.first) == own.end(); });
  for (auto& [issuer, authorities] : record)
    std::erase_if(authorities,
                  [&](const VouchedCa& one) { return is_over(crypto::Certificate::from_pem(one.pem), session); });
  return record;
}

// Adds what is not there yet, and makes it durable.
std::vector<VouchedCa> note(ProfileSession& session, std::size_t issuer,
                            const std::vector<crypto::Certificate>& certificates, const std::string& how) {
  RolloverRecord record = recorded_authorities(session);
  std::vector<VouchedCa>& authorities = record[session.issuer_hashes()[issuer]];
  for (const crypto::Certificate& certificate : certificates) {
    const std::string pem = certificate.to_pem();
    const bool known =
        std::any_of(authorities.begin(), authorities.end(), [&](const VouchedCa& one) { return one.pem == pem; });
    if (!known) authorities.push_back({pem, how, session.now()});
  }
  if (authorities.size() > kMost) {
    throw Failure::never("too-many-authorities",
                         "more than " + std::to_string(kMost) + " CA certificates would be trusted for one issuer",
                         "pin the CA in the profile instead");
  }
  session.state().save_rollover(rollover_record_to_text(record));
  return authorities;
}

}  // namespace

// SCEP-164
std::vector<VouchedCa> vouched_authorities(const ProfileSession& session, const std::string& issuer_hash) {
  try {
    return recorded_authorities(session)[issuer_hash];
  } catch (const Failure& failure) {
    session.report_rollover_damage(failure.error());
    return {};
  }
}

std::vector<std::string> pem_of(const std::vector<VouchedCa>& authorities) {
  std::vector<std::string> texts;
  for (const VouchedCa& one : authorities) texts.push_back(one.pem);
  return texts;
}

void complete_authorities(ProfileSession& session, Credential& credential) {
  std::vector<std::string> more =
      pem_of(vouched_authorities(session, session.issuer_hashes()[session.issuer_in_service()]));
  if (more.empty()) return;
  const auto& records = session.journal().generations;
  const auto own = records.find(credential.generation);
  for (const Generation& other : session.store().call(&StoreApi::list)) {
    const auto record = records.find(other.number);
    const bool same_issuer =
        own != records.end() && record != records.end() && record->second.issuer_hash == own->second.issuer_hash;
    if (other.number == credential.generation || !other.whole || !same_issuer) continue;
    const Credential kept = session.store().call(&StoreApi::read, other.number);
    if (is_over(crypto::Certificate::from_pem(kept.certificate_pem), session)) continue;
    more.insert(more.end(), kept.ca_set_pem.begin(), kept.ca_set_pem.end());
  }
  for (std::string& pem : more) {
    const auto certificate = crypto::Certificate::from_pem(pem);
    const bool known =
        std::any_of(credential.ca_set_pem.begin(), credential.ca_set_pem.end(),
                    [&](const std::string& there) { return crypto::Certificate::from_pem(there) == certificate; });
    if (!known && certificate.is_ca()) credential.ca_set_pem.push_back(std::move(pem));
  }
}

std::vector<VouchedCa> take_next_authorities(const Context& context, const config::Profile& profile) {
  ProfileSession session(context, profile, Access::work);
  if (!session.active())
    throw Failure::never("no-credential", "there is no active certificate, so no CA in service",
                         "run `certctl renew " + profile.name + "`");
  EngineHost host(context, profile.name, nullptr, "enroller", [&] { return session.clock_trusted(); });
  const std::size_t issuer = session.issuer_in_service();
  const config::PluginUse& asked = profile.issuers[issuer];
  auto enroller = context.registry->make<EnrollerApi>(asked.plugin, asked.options, host);
  const Credential current = session.store().call(&StoreApi::read, session.active()->number);
  const std::vector<std::string> vouched = pem_of(vouched_authorities(session, session.issuer_hashes()[issuer]));
  std::vector<crypto::Certificate> next;
  for (const std::string& pem : enroller.call(&EnrollerApi::fetch_next_anchors, current.ca_set_pem, vouched, host)) {
    crypto::Certificate certificate = crypto::Certificate::from_pem(pem);
    if (certificate.is_ca() && !is_over(certificate, session)) next.push_back(std::move(certificate));
  }
  if (next.empty())
    throw Failure("no-next-ca", "the issuer announces no next CA certificate that is valid",
                  "ask the CA's operator when the next one comes; `--accept` takes one by its fingerprint");
  return note(session, issuer, next, "announced by the CA in service");
}

std::vector<VouchedCa> accept_authority(const Context& context, const config::Profile& profile,
                                        std::optional<std::size_t> wanted_issuer, const std::string& fingerprint) {
  ProfileSession session(context, profile, Access::work);
  const std::size_t issuer = wanted_issuer.value_or(session.issuer_in_service());
  const config::PluginUse& asked = profile.issuers.at(issuer);
  EngineHost host(context, profile.name, nullptr, "enroller", [&] { return session.clock_trusted(); });
  auto enroller = context.registry->make<EnrollerApi>(asked.plugin, asked.options, host);
  const TrustAnchors presented = enroller.call(&EnrollerApi::fetch_trust_anchors, std::vector<std::string>{}, host);
  std::string wanted;
  for (const char c : fingerprint)
    if (c != ':' || wanted == "sha256") wanted += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (!wanted.starts_with("sha256:")) wanted.insert(0, "sha256:");
  for (const std::string& pem : presented.ca_set_pem) {
    const auto certificate = crypto::Certificate::from_pem(pem);
    if (certificate.fingerprint() != wanted) continue;
    if (!certificate.is_ca())
      throw Failure::never("not-a-ca", certificate.subject_text() + " is no CA certificate",
                           "accept the CA that issued it");
    return note(session, issuer, {certificate}, "accepted by the operator");
  }
  throw Failure::never("ca-not-presented", "the issuer presents no certificate with the fingerprint " + wanted,
                       "see `certctl ca show " + profile.name + "`, and compare with the operator of the CA");
}

}  // namespace certctl::engine
