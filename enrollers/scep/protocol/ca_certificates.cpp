#include "enrollers/scep/protocol/ca_certificates.hpp"

#include "enrollers/scep/protocol/query.hpp"
#include "framework/crypto/cms_certificates.hpp"
#include "framework/crypto/cms_signed.hpp"

#include <certctl/result.hpp>

#include <algorithm>
#include <functional>

namespace certctl::scep {
namespace {

// A CA has a handful. All that follows compares each with each.
constexpr std::size_t kMaxCertificates = 200;

void check_count(const std::vector<crypto::Certificate>& set) {
  if (set.size() > kMaxCertificates)
    crypto::malformed(std::to_string(set.size()) + " certificates, and at most " + std::to_string(kMaxCertificates) +
                      " are read");
}

// Base64 between PEM lines; nothing when there is no PEM block.
std::vector<Bytes> pem_blocks(std::string_view text) {
  constexpr std::string_view kBegin = "-----BEGIN ";
  std::vector<Bytes> blocks;
  for (std::size_t at = text.find(kBegin); at != std::string_view::npos; at = text.find(kBegin, at)) {
    const std::size_t line_end = text.find('\n', at);
    if (line_end == std::string_view::npos) break;
    const std::size_t end = text.find("-----END ", line_end);
    if (end == std::string_view::npos) break;
    if (auto block = decode_message(text.substr(line_end + 1, end - line_end - 1))) blocks.push_back(std::move(*block));
    at = end;
  }
  return blocks;
}

void append_der(crypto::BytesView der, std::vector<crypto::Certificate>& out) {
  switch (crypto::sniff_der(der)) {
    case crypto::DerKind::certificate:
      crypto::read_whole(der, crypto::kTagSequence, "certificate");
      out.push_back(crypto::Certificate::from_der(der));
      return;
    case crypto::DerKind::cms:
      for (crypto::Certificate& certificate : crypto::parse_certificates_only(der).certificates)
        out.push_back(std::move(certificate));
      return;
    case crypto::DerKind::other: crypto::malformed("neither a certificate nor a list of certificates");
  }
}

void drop_repeated(std::vector<crypto::Certificate>& set) {
  check_count(set);
  std::vector<crypto::Certificate> kept;
  for (crypto::Certificate& certificate : set) {
    const bool known = std::any_of(kept.begin(), kept.end(),
                                   [&](const crypto::Certificate& other) { return other.der() == certificate.der(); });
    if (!known) kept.push_back(std::move(certificate));
  }
  set = std::move(kept);
}

bool is_html(std::string_view text) {
  const std::size_t start = text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  return start != std::string_view::npos && text[start] == '<';
}

bool above(const crypto::Certificate& upper, const crypto::Certificate& lower) {
  return lower.issuer_der() == upper.subject_der() && lower.der() != upper.der();
}

bool is_valid_at(const crypto::Certificate& certificate, std::optional<TimePoint> now) {
  return !now || (certificate.not_before() <= *now && *now <= certificate.not_after());
}

// The best of those that fulfil a condition: valid before not valid, newer before older.
template <class Condition>
std::optional<crypto::Certificate> best(std::span<const crypto::Certificate> set, std::optional<TimePoint> now,
                                        Condition&& condition) {
  const crypto::Certificate* found = nullptr;
  for (const crypto::Certificate& candidate : set) {
    if (!condition(candidate)) continue;
    const auto rank = [&](const crypto::Certificate& c) { return std::pair(is_valid_at(c, now), c.not_before()); };
    if (found == nullptr || rank(*found) < rank(candidate)) found = &candidate;
  }
  return found == nullptr ? std::nullopt : std::optional(*found);
}

bool issues(const crypto::Certificate& candidate, std::span<const crypto::Certificate> set) {
  return candidate.is_ca() && std::none_of(set.begin(), set.end(), [&](const crypto::Certificate& other) {
           return other.is_ca() && above(candidate, other);
         });
}

}  // namespace

std::vector<crypto::Certificate> parse_ca_certificates(crypto::BytesView body) {
  const std::string_view text(reinterpret_cast<const char*>(body.data()), body.size());
  std::vector<crypto::Certificate> set;
  if (const std::vector<Bytes> blocks = pem_blocks(text); !blocks.empty()) {
    for (const Bytes& block : blocks) append_der(block, set);
  } else if (is_html(text)) {
    throw Failure("malformed-message", "a web page was received instead of the CA's certificates",
                  "check `url`: it must name the SCEP service, not its administration page or a login page");
  } else {
    append_der(body, set);
  }
  drop_repeated(set);
  if (set.empty()) crypto::malformed("the list of CA certificates is empty");
  return set;
}

// SCEP-009, SCEP-151, SCEP-152
CaBody print_ca_certificates(std::span<const crypto::Certificate> certificates) {
  if (certificates.size() == 1) return {certificates.front().der(), kContentTypeCaCert};
  return {crypto::build_certificates_only(certificates), kContentTypeCaRaCert};
}

// SCEP-162
std::vector<crypto::Certificate> parse_next_ca_certificates(crypto::BytesView body,
                                                            std::span<const crypto::Certificate> current) {
  const crypto::SignedMessage message = crypto::SignedMessage::parse(body);
  (void)message.verify(current);
  std::vector<crypto::Certificate> next;
  if (message.content_state() == crypto::SignedMessage::Content::present) {
    next = crypto::parse_certificates_only(message.content()).certificates;
  } else {  // RFC 8894 §4.7.1 wants them as content; jscep puts them here
    next = message.certificates();
    std::erase_if(next, [&](const crypto::Certificate& certificate) {
      return std::any_of(current.begin(), current.end(),
                         [&](const crypto::Certificate& known) { return known.der() == certificate.der(); });
    });
  }
  drop_repeated(next);
  if (next.empty()) crypto::malformed("the list of next CA certificates is empty");
  return next;
}

// SCEP-161
Bytes print_next_ca_certificates(std::span<const crypto::Certificate> next, const crypto::Certificate& signer,
                                 evp_pkey_st* signer_key, std::optional<TimePoint> signing_time) {
  const Bytes content = crypto::build_certificates_only(next);
  crypto::SignOptions options;
  options.signing_time = signing_time;
  return crypto::sign_message(crypto::BytesView(content), signer, signer_key, options);
}

std::optional<crypto::Certificate> find_issuing_ca(std::span<const crypto::Certificate> set,
                                                   std::optional<TimePoint> now) {
  return best(set, now, [&](const crypto::Certificate& c) { return issues(c, set); });
}

// SCEP-153, SCEP-154; key usage gives way at last (SCEP-048).
std::optional<crypto::Certificate> choose_recipient(std::span<const crypto::Certificate> set,
                                                    std::optional<TimePoint> now) {
  if (set.empty()) return std::nullopt;
  if (set.size() == 1) return set.front();
  using Condition = std::function<bool(const crypto::Certificate&)>;
  const auto is_rsa = [](const crypto::Certificate& c) { return c.key_type() == crypto::PublicKeyType::rsa; };
  const auto has_usage = [](const crypto::Certificate& c, unsigned bit) {
    return c.key_usage() && (*c.key_usage() & bit) != 0;
  };
  const std::vector<Condition> order{
      [&](const auto& c) { return !c.is_ca() && is_rsa(c) && has_usage(c, crypto::kKeyEncipherment); },
      [&](const auto& c) { return !c.is_ca() && is_rsa(c) && has_usage(c, crypto::kDataEncipherment); },
      [&](const auto& c) { return !c.is_ca() && is_rsa(c) && !c.key_usage(); },
      [&](const auto& c) { return is_rsa(c) && issues(c, set); },
      is_rsa,
      [&](const auto& c) { return issues(c, set); },  // no RSA key at all: the challenge has to do (RFC 8894 §3.1)
  };
  if (now) {  // an expired RA must not win over a CA that is valid
    for (const Condition& condition : order)
      if (auto found = best(set, now, [&](const auto& c) { return is_valid_at(c, now) && condition(c); })) return found;
  }
  for (const Condition& condition : order)
    if (auto found = best(set, now, condition)) return found;
  return std::nullopt;
}

}  // namespace certctl::scep
