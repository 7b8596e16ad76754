#include "framework/compat/sscep/ca_set.hpp"

#include "enrollers/scep/protocol/ca_certificates.hpp"
#include "framework/compat/sscep/files.hpp"
#include "framework/compat/sscep/stop.hpp"
#include "framework/crypto/chain.hpp"

#include <sys/stat.h>

#include <algorithm>

namespace certctl::sscep {
namespace {

constexpr std::size_t kMaxSet = 20;

std::string numbered(const std::string& base, std::size_t number) {
  return base + "-" + std::to_string(number);
}

// Modification time; nothing when the file is not there.
std::optional<timespec> changed_at(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return status.st_mtim;
}

bool is_newer(const timespec& left, const timespec& right) {
  return left.tv_sec != right.tv_sec ? left.tv_sec > right.tv_sec : left.tv_nsec > right.tv_nsec;
}

bool use_set(const std::string& path, const Console& console) {
  const auto file = changed_at(path);
  const auto first = changed_at(numbered(path, 0));
  if (!file || !first) return !file && first;
  if (!is_newer(*first, *file)) return false;
  console.problem("using " + numbered(path, 0) + " and so on: " + path + " is older");
  return true;
}

}  // namespace

Bytes CaSet::issuer_name() const {
  if (issuing) return issuing->subject_der();
  return trusted.front().issuer_der();
}

// SCEP-005, SCEP-154
CaSet load_ca_set(const Options& options, const Console& console, TimePoint now) {
  const std::string& path = *options.ca_file;
  CaSet set;
  set.single = !use_set(path, console);
  if (set.single) {
    set.trusted.push_back(read_certificate(path));
  } else {
    for (std::size_t i = 0; i < kMaxSet && changed_at(numbered(path, i)); ++i)
      set.trusted.push_back(read_certificate(numbered(path, i)));
  }
  set.issuing = scep::find_issuing_ca(set.trusted, now);
  if (options.encryption_file) {
    set.recipient = read_certificate(*options.encryption_file);
    if (std::find(set.trusted.begin(), set.trusted.end(), *set.recipient) == set.trusted.end())
      set.trusted.push_back(*set.recipient);  // who reads our requests may answer them
  } else {
    set.recipient = scep::choose_recipient(set.trusted, now);
  }
  for (const crypto::Certificate& certificate : set.trusted)
    console.verbose("trusted certificate: " + certificate.subject_text());
  console.verbose("requests are encrypted to: " + set.recipient->subject_text());
  return set;
}

bool vouches_for(const CaSet& set, const crypto::Certificate& issued, std::span<const crypto::Certificate> others) {
  std::vector<crypto::Certificate> anchors;
  for (const crypto::Certificate& certificate : set.trusted) {
    if (issued.signed_by(certificate)) return true;
    if (certificate.is_ca()) anchors.push_back(certificate);
  }
  if (anchors.empty()) return true;
  std::vector<crypto::Certificate> candidates(set.trusted.begin(), set.trusted.end());
  candidates.insert(candidates.end(), others.begin(), others.end());
  if (candidates.size() > crypto::kMaxPathPool)
    candidates.erase(candidates.begin() + crypto::kMaxPathPool, candidates.end());
  try {
    (void)crypto::build_path(issued, candidates, anchors, std::nullopt);
    return true;
  } catch (const Failure&) {
    return false;
  }
}

}  // namespace certctl::sscep
