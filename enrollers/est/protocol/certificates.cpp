#include "enrollers/est/protocol/certificates.hpp"

#include "enrollers/est/protocol/transfer.hpp"
#include "framework/crypto/chain.hpp"
#include "framework/crypto/cms_certificates.hpp"
#include "framework/crypto/pem.hpp"

#include <certctl/result.hpp>

#include <algorithm>
#include <optional>

namespace certctl::est {
namespace {

// A CA has a handful. All that follows compares each with each.
constexpr std::size_t kMaxCertificates = 200;

void append(crypto::BytesView der, std::vector<crypto::Certificate>& out) {
  switch (crypto::sniff_der(der)) {
    case crypto::DerKind::certificate: out.push_back(crypto::Certificate::from_der(der)); break;
    case crypto::DerKind::cms:
      for (crypto::Certificate& one : crypto::parse_certificates_only(der).certificates) out.push_back(std::move(one));
      break;
    case crypto::DerKind::other: crypto::malformed("neither a list of certificates nor a certificate");
  }
  if (out.size() > kMaxCertificates)
    crypto::malformed(std::to_string(out.size()) + " certificates, and at most " + std::to_string(kMaxCertificates) +
                      " are read");
}

void append_pem(std::string_view text, std::vector<crypto::Certificate>& out) {
  for (const crypto::PemBlock& block : crypto::split_pem(text)) {
    if (block.label != "CERTIFICATE" && block.label != "PKCS7" && block.label != "CMS") continue;
    append(crypto::pem_decode(block), out);
  }
}

bool contains(std::span<const crypto::Certificate> set, const crypto::Certificate& wanted) {
  return std::find(set.begin(), set.end(), wanted) != set.end();
}

bool leads_to(const crypto::Certificate& one, std::span<const crypto::Certificate> set,
              std::span<const crypto::Certificate> anchors, std::optional<TimePoint> now) {
  try {
    (void)crypto::build_path(one, set, anchors, now);
    return true;
  } catch (const Failure&) {
    return false;
  }
}

}  // namespace

std::vector<crypto::Certificate> parse_certificates(crypto::BytesView body) {
  const std::string_view text(reinterpret_cast<const char*>(body.data()), body.size());
  std::vector<crypto::Certificate> all;
  try {
    if (const auto der = decode_transfer(body)) {
      append(*der, all);
    } else if (text.find("-----BEGIN ") != std::string_view::npos) {
      append_pem(text, all);
    } else {
      crypto::malformed("no base64");
    }
  } catch (const Failure& failure) {
    // What a server sends is its own mistake, and may be mended tomorrow.
    throw Failure("malformed-message", failure.error().message);
  }
  std::vector<crypto::Certificate> kept;
  for (crypto::Certificate& one : all)
    if (!contains(kept, one)) kept.push_back(std::move(one));
  if (kept.empty()) crypto::malformed("the list of certificates is empty");
  return kept;
}

Bytes build_certificates(std::span<const crypto::Certificate> certificates) {
  return crypto::build_certificates_only(certificates);
}

std::vector<crypto::Certificate> proved_successors(std::span<const crypto::Certificate> set,
                                                   std::span<const crypto::Certificate> known,
                                                   std::optional<TimePoint> now) {
  std::vector<crypto::Certificate> next;
  for (const crypto::Certificate& root : set) {
    if (!root.is_ca() || contains(known, root) || !root.signed_by(root)) continue;
    const bool proved = std::any_of(set.begin(), set.end(), [&](const crypto::Certificate& link) {
      return link.is_ca() && !(link == root) && link.subject_der() == root.subject_der() &&
             link.public_key().same_public_key(root.public_key()) && leads_to(link, set, known, now);
    });
    if (proved) next.push_back(root);
  }
  return next;
}

}  // namespace certctl::est
