// Enrollment::issue: the certificate, and the faults in it that need the CA's records or another issuer.
#include "framework/devca/certificate_faults.hpp"
#include "framework/devca/enrollment.hpp"
#include "framework/sys/atomic_file.hpp"

namespace certctl::devca {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr seconds kBackdate{60};  // a client's clock may be a little behind

// A CA of the name that is asked for: what it issues looks self-signed, and is not.
crypto::Issuer named_as(const crypto::Csr& csr, TimePoint now) {
  crypto::CaSpec spec;
  spec.subject = csr.subject();
  spec.not_before = now - kBackdate;
  spec.not_after = now + hours{24 * 365};
  const crypto::Key key = crypto::Key::generate(KeySpec{});
  return {crypto::make_root_ca(key, spec), key};
}

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
  if (!settings_.fixed_serial.empty()) {
    spec.serial = parse_serial(settings_.fixed_serial);
  } else if (faults_.hit("repeated-serial")) {
    if (const auto before = latest_for({})) spec.serial = before->serial_octets();
  }
  if (!transaction.key_pem.empty()) spec.public_key = crypto::Key::from_pem(transaction.key_pem);
  if (spec.serial.empty()) spec.serial = state_.next_serial(settings_.serial_start);
  if (!settings_.extra_dns.empty()) {
    spec.alt_names = csr.alt_names();
    for (const std::string& name : settings_.extra_dns) spec.alt_names->push_back({AltNameKind::dns, name});
  }
  for (const std::string& address : settings_.crl_addresses)
    spec.crl_addresses.push_back(address == "self" ? own_url() + "?operation=CRL" : address);
  if (settings_.like == Likeness::openxpki) shape_like_openxpki(transaction, csr, spec);
  spoil_certificate(faults_, csr, now_, spec);

  const auto signed_by = [&](const crypto::Issuer& issuer) { return crypto::issue_certificate(issuer, csr, spec); };
  const crypto::Certificate certificate = faults_.hit("unchained") ? signed_by(impostor_of(authority_.issuing, now_))
                                          : faults_.hit("self-issued") ? signed_by(named_as(csr, now_))
                                                                       : signed_by(authority_.issuing);
  state_.add_issued(certificate);
  if (settings_.like == Likeness::openxpki && !transaction.renewal) revoke_others(certificate);
  return certificate;
}

}  // namespace certctl::devca
