#include "enrollers/scep/trust/pin.hpp"

#include "enrollers/scep/trust/bad_option.hpp"
#include "framework/crypto/chain.hpp"
#include "framework/crypto/digest.hpp"
#include "framework/sys/atomic_file.hpp"

#include <certctl/result.hpp>

#include <algorithm>

namespace certctl::trust {
namespace {

constexpr std::size_t kMaxCaFile = 1U << 20U;

[[noreturn]] void not_trusted(std::string what, std::string hint) {
  throw Failure::never("ca-not-trusted", std::move(what), std::move(hint));
}

std::string_view word_of(Fingerprint::Hash hash) {
  switch (hash) {
    case Fingerprint::Hash::sha1: return "sha1";
    case Fingerprint::Hash::sha256: return "sha256";
    case Fingerprint::Hash::sha512: return "sha512";
  }
  return "";
}

// SCEP-005
std::vector<crypto::Certificate> read_ca_file(const std::string& path) {
  std::string text;
  try {
    text = sys::read_file(path, kMaxCaFile);
  } catch (const Failure& failure) {
    throw Failure::never("ca-file-unreadable", "cannot read ca_file: " + failure.error().message,
                         "put the CA's certificate there, in PEM");
  }
  std::vector<crypto::Certificate> anchors = crypto::Certificate::all_from_pem(text);
  if (anchors.empty())
    throw Failure::never("ca-file-unreadable", "ca_file " + path + " holds no certificate in PEM",
                         "put the CA's certificate there, in PEM");
  return anchors;
}

// What the server presents, for a message: CA certificates first, a few of them.
std::string presented(std::span<const crypto::Certificate> fetched, Fingerprint::Hash hash) {
  constexpr std::size_t kShown = 4;
  std::string text;
  std::size_t count = 0;
  for (const bool ca : {true, false}) {
    for (const crypto::Certificate& certificate : fetched) {
      if (certificate.is_ca() != ca || count == kShown) continue;
      text +=
          (count++ == 0 ? "" : "; ") + certificate.subject_text() + " " + text_of(fingerprint_of(certificate, hash));
    }
  }
  return text;
}

std::vector<crypto::Certificate> matching(std::span<const crypto::Certificate> fetched,
                                          const std::vector<Fingerprint>& wanted) {
  std::vector<crypto::Certificate> found;
  for (const crypto::Certificate& certificate : fetched) {
    for (const Fingerprint& fingerprint : wanted) {
      if (fingerprint_of(certificate, fingerprint.hash).hex != fingerprint.hex) continue;
      found.push_back(certificate);
      break;
    }
  }
  return found;
}

std::vector<crypto::Certificate> pinned_by_fingerprint(std::span<const crypto::Certificate> fetched,
                                                       const std::vector<Fingerprint>& wanted, bool first_use) {
  std::vector<crypto::Certificate> anchors = matching(fetched, wanted);
  if (anchors.empty()) {
    std::string expected;
    for (const Fingerprint& fingerprint : wanted) expected += (expected.empty() ? "" : " or ") + text_of(fingerprint);
    not_trusted("the server is not the CA that is trusted: expected " + expected + ", but it presents " +
                    presented(fetched, wanted.front().hash),
                first_use
                    ? "somebody may be in the way; if the CA's operator confirms the new fingerprint, "
                      "`certctl ca next PROFILE --accept FINGERPRINT` accepts it"
                    : "somebody may be in the way, or `url` or `ca_fingerprint` is wrong: ask the operator of the "
                      "CA for the fingerprint; if the CA has changed, `certctl ca next PROFILE --accept FINGERPRINT` "
                      "accepts the new one");
  }
  std::erase_if(anchors, [](const crypto::Certificate& certificate) { return !certificate.is_ca(); });
  if (anchors.empty())
    not_trusted("the trusted fingerprint belongs to a certificate that is no CA; the server presents " +
                    presented(fetched, wanted.front().hash),
                "set `ca_fingerprint` to the fingerprint of the CA's certificate");
  return anchors;
}

// The CA above all others of the set, reached from the one that issues.
crypto::Certificate topmost(std::span<const crypto::Certificate> fetched) {
  const crypto::Certificate* top = nullptr;
  for (const crypto::Certificate& candidate : fetched) {
    if (!candidate.is_ca()) continue;
    const bool has_upper = std::any_of(fetched.begin(), fetched.end(), [&](const crypto::Certificate& other) {
      return !(other == candidate) && other.is_ca() && candidate.signed_by(other);
    });
    if (has_upper && !candidate.is_self_issued()) continue;
    if (top == nullptr || (!top->is_self_issued() && candidate.is_self_issued())) top = &candidate;
  }
  if (top == nullptr)
    not_trusted(
        "the server presents no CA certificate that could be trusted: " + presented(fetched, Fingerprint::Hash::sha256),
        "set `ca_file` to the CA's certificate");
  return *top;
}

// A system's bundle has more certificates than a path is searched among: those by whose name nothing fetched was issued
// are no anchors of it.
std::vector<crypto::Certificate> narrowed(std::vector<crypto::Certificate> anchors,
                                          std::span<const crypto::Certificate> fetched) {
  if (anchors.size() <= crypto::kMaxPathPool) return anchors;
  std::erase_if(anchors, [&](const crypto::Certificate& anchor) {
    return std::none_of(fetched.begin(), fetched.end(), [&](const crypto::Certificate& one) {
      return one == anchor || one.issuer_der() == anchor.subject_der();
    });
  });
  return anchors;
}

}  // namespace

Fingerprint parse_fingerprint(std::string_view text) {
  std::string lower;
  for (const char c : text) lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  std::string_view rest = lower;
  std::string prefix;
  // "sha256:9f…", "SHA-256 Fingerprint=9F:86:…"
  for (const std::string_view word : {"sha256", "sha-256", "sha512", "sha-512", "sha1", "sha-1", "md5"}) {
    if (rest.rfind(word, 0) != 0) continue;
    for (const char c : word)
      if (c != '-') prefix += c;
    rest.remove_prefix(word.size());
    if (const std::size_t equals = rest.find('='); equals != std::string_view::npos) rest.remove_prefix(equals + 1);
    break;
  }
  Fingerprint fingerprint;
  for (const char c : rest) {
    if (c == ':' || c == ' ' || c == '-' || c == '\t') continue;
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
      bad_option("not a fingerprint: " + std::string(text), "write it in hexadecimal, like sha256:9f86d0…");
    fingerprint.hex += c;
  }
  switch (fingerprint.hex.size()) {
    case 32:
      bad_option("MD5 fingerprints are not accepted: " + std::string(text), "ask the operator of the CA for SHA-256");
    case 40: fingerprint.hash = Fingerprint::Hash::sha1; break;
    case 64: fingerprint.hash = Fingerprint::Hash::sha256; break;
    case 128: fingerprint.hash = Fingerprint::Hash::sha512; break;
    default:
      bad_option("a fingerprint has 64 (SHA-256), 40 (SHA-1) or 128 (SHA-512) hexadecimal digits, this one has " +
                     std::to_string(fingerprint.hex.size()) + ": " + std::string(text),
                 "copy it whole");
  }
  if (!prefix.empty() && prefix != word_of(fingerprint.hash))
    bad_option("the fingerprint's length does not fit to " + prefix + ": " + std::string(text), "copy it whole");
  return fingerprint;
}

// SCEP-006
Fingerprint fingerprint_of(const crypto::Certificate& certificate, Fingerprint::Hash hash) {
  const Bytes der = certificate.der();
  switch (hash) {
    case Fingerprint::Hash::sha1: return {hash, crypto::hex_lower(crypto::sha1(der))};
    case Fingerprint::Hash::sha512: return {hash, crypto::hex_lower(crypto::sha512(der))};
    case Fingerprint::Hash::sha256: break;
  }
  return {Fingerprint::Hash::sha256, crypto::hex_lower(crypto::sha256(der))};
}

std::string text_of(const Fingerprint& fingerprint) {
  return std::string(word_of(fingerprint.hash)) + ":" + fingerprint.hex;
}

bool chains_to(const crypto::Certificate& certificate, std::span<const crypto::Certificate> candidates,
               std::span<const crypto::Certificate> anchors, std::optional<TimePoint> now) {
  try {
    (void)crypto::build_path(certificate, candidates, anchors, now);
    return true;
  } catch (const Failure&) {
    return false;
  }
}

TrustedSet apply_pin(const PinSettings& pin, std::span<const crypto::Certificate> fetched, std::string_view remembered,
                     std::optional<TimePoint> now, std::span<const crypto::Certificate> vouched) {
  TrustedSet trusted;
  trusted.anchors.assign(vouched.begin(), vouched.end());
  if (!pin.ca_file.empty())
    for (crypto::Certificate& anchor : narrowed(read_ca_file(pin.ca_file), fetched))
      trusted.anchors.push_back(std::move(anchor));
  if (!pin.fingerprints.empty()) {
    // With a file or vouched certificates as well, either is enough.
    std::vector<crypto::Certificate> named = trusted.anchors.empty()
                                                 ? pinned_by_fingerprint(fetched, pin.fingerprints, false)
                                                 : matching(fetched, pin.fingerprints);
    for (crypto::Certificate& anchor : named)
      if (anchor.is_ca()) trusted.anchors.push_back(std::move(anchor));
  } else if (pin.ca_file.empty()) {
    // SCEP-007; an https address changes nothing here (SCEP-139).
    if (!pin.trust_on_first_use)
      throw Failure::never(
          "no-pin",
          "nothing says which CA to trust; the server presents " + presented(fetched, Fingerprint::Hash::sha256),
          "compare the fingerprint with the operator of the CA and set `ca_fingerprint` to it");
    if (!remembered.empty()) {
      const std::vector<Fingerprint> first{parse_fingerprint(remembered)};
      for (crypto::Certificate& anchor :
           vouched.empty() ? pinned_by_fingerprint(fetched, first, true) : matching(fetched, first))
        if (anchor.is_ca()) trusted.anchors.push_back(std::move(anchor));
    } else if (vouched.empty()) {
      trusted.anchors = {topmost(fetched)};
      trusted.first_use = text_of(fingerprint_of(trusted.anchors.front(), Fingerprint::Hash::sha256));
      trusted.warnings.push_back("trusted on first use: " + trusted.anchors.front().subject_text() + " " +
                                 *trusted.first_use + "; compare it with the operator of the CA");
    }
  }

  // RFC 8894 §2.2, SCEP-008: intermediate certificates are verified before they are used; only the top need match the
  // pin.
  for (const crypto::Certificate& certificate : fetched)
    if (chains_to(certificate, fetched, trusted.anchors, now)) trusted.vouched.push_back(certificate);
  if (trusted.vouched.empty()) {
    std::string reason;
    try {
      (void)crypto::build_path(fetched.front(), fetched, trusted.anchors, now);
    } catch (const Failure& failure) {
      reason = failure.error().message;
    }
    not_trusted("no certificate of the server comes from a trusted CA (" + reason + "); it presents " +
                    presented(fetched, Fingerprint::Hash::sha256),
                "somebody may be in the way, the CA's certificate may have expired, or the pin names another CA");
  }
  return trusted;
}

}  // namespace certctl::trust
