#include "framework/probe/comparison.hpp"

#include <algorithm>

#include <certctl/result.hpp>

#include "framework/sys/clock.hpp"
#include "framework/sys/printable.hpp"

namespace certctl::probe {
namespace {

constexpr std::size_t kShownSubject = 100;

bool same_key(const crypto::Certificate& one, const crypto::Certificate& other) {
  try {
    return one.carries(other.public_key());
  } catch (const Failure&) {
    return false;  // a key that OpenSSL cannot use is not ours
  }
}

}  // namespace

Expected::Expected(const Credential& credential)
    : certificate(crypto::Certificate::from_pem(credential.certificate_pem)) {
  for (const std::string& pem : credential.chain_pem) chain.push_back(crypto::Certificate::from_pem(pem));
}

std::string describe(const crypto::Certificate& certificate) {
  return "serial " + certificate.serial() + " (" + sys::printable_start(certificate.subject_text(), kShownSubject) +
         "), valid since " + sys::text_time(certificate.not_before());
}

std::string difference(const crypto::Certificate& presented, const Expected& expected) {
  return describe(presented) + ", with " + (same_key(presented, expected.certificate) ? "the same" : "another") +
         " key, not serial " + expected.certificate.serial();
}

void require_chain(const std::string& where, const std::vector<crypto::Certificate>& presented,
                   const Expected& expected) {
  const std::size_t sent = presented.size() - 1;
  const std::size_t same = static_cast<std::size_t>(
      std::mismatch(expected.chain.begin(), expected.chain.end(), presented.begin() + 1, presented.end()).first -
      expected.chain.begin());
  if (same < expected.chain.size()) {
    throw Failure(
        "chain-not-served",
        where +
            (sent == 0 ? " serves the certificate without its chain" : " serves the certificate with another chain") +
            ": " + expected.chain[same].subject_text() + " is missing",
        "let the service read a file that holds the certificate and its chain, in this order");
  }
  for (std::size_t i = 1 + expected.chain.size(); i < presented.size(); ++i) {
    if (presented[i - 1].signed_by(presented[i])) continue;  // towards the anchor
    throw Failure("chain-not-served",
                  where + " serves the certificate with a chain that is too long: " +
                      sys::printable_start(presented[i].subject_text(), kShownSubject) + " does not belong to it",
                  "let the service read a file that holds the certificate and its chain, and nothing else");
  }
}

}  // namespace certctl::probe
