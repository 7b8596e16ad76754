// Enrollment::issue: the certificate, and the faults in it.
#include "framework/crypto/name.hpp"
#include "framework/devca/enrollment.hpp"
#include "framework/sys/atomic_file.hpp"

namespace certctl::devca {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr seconds kBackdate{60};  // a client's clock may be a little behind

}  // namespace

std::optional<crypto::Certificate> Enrollment::latest_for(const Bytes& subject_der) const {
  std::optional<crypto::Certificate> latest;
  for (const Issued& one : state_.all_issued()) {
    const crypto::Certificate certificate = crypto::Certificate::from_pem(one.pem);
    if (subject_der.empty() || certificate.subject_der() == subject_der) latest = certificate;
  }
  return latest;
}

// The port is known only once the server listens; it is in the state directory then.
std::string Enrollment::own_url() const {
  std::string url = sys::read_file(settings_.state + "/url", 4096);
  while (!url.empty() && url.back() == '\n') url.pop_back();
  return url;
}

crypto::Certificate Enrollment::issue(const Transaction& transaction) {
  const crypto::Csr csr = crypto::Csr::from_der(transaction.csr);
  if (faults_.hit("old-certificate"))
    if (auto old = latest_for(csr.subject_der())) return *old;

  crypto::IssueSpec spec;
  spec.not_before = now_ - kBackdate;
  spec.not_after = now_ + settings_.validity;
  if (faults_.hit("short")) spec.not_after = now_ + seconds{60};
  if (faults_.hit("expired")) {
    spec.not_before = now_ - hours{48};
    spec.not_after = now_ - hours{24};
  }
  if (faults_.hit("not-yet-valid")) {
    spec.not_before = now_ + hours{24};
    spec.not_after = spec.not_before + settings_.validity;
  }
  if (!settings_.fixed_serial.empty()) {
    spec.serial = parse_serial(settings_.fixed_serial);
  } else if (faults_.hit("repeated-serial")) {
    if (const auto before = latest_for({})) spec.serial = before->serial_octets();
  }
  if (spec.serial.empty()) spec.serial = state_.next_serial(settings_.serial_start);

  std::vector<AltName> names = csr.alt_names();
  bool names_changed = !settings_.extra_dns.empty();
  for (const std::string& name : settings_.extra_dns) names.push_back({AltNameKind::dns, name});
  if (faults_.hit("no-names")) names.clear(), names_changed = true;
  if (faults_.hit("extra-names")) names.push_back({AltNameKind::dns, "extra.example.org"}), names_changed = true;
  if (faults_.hit("wildcard")) names.push_back({AltNameKind::dns, "*.example.org"}), names_changed = true;
  if (names_changed) spec.alt_names = names;
  if (faults_.hit("wrong-subject")) spec.subject_der = crypto::name_der({{"CN", "somebody else", false}});
  if (faults_.hit("other-key")) spec.public_key = crypto::Key::generate(KeySpec{});
  spec.ca = faults_.hit("ca-true");
  for (const std::string& address : settings_.crl_addresses)
    spec.crl_addresses.push_back(address == "self" ? own_url() + "?operation=CRL" : address);

  const crypto::Certificate certificate =
      faults_.hit("unchained") ? crypto::issue_certificate(impostor_of(authority_.issuing, now_), csr, spec)
                               : crypto::issue_certificate(authority_.issuing, csr, spec);
  state_.add_issued(certificate);
  return certificate;
}

}  // namespace certctl::devca
