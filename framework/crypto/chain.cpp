#include "framework/crypto/chain.hpp"

#include "framework/crypto/asn1_time.hpp"
#include "framework/crypto/error_fence.hpp"
#include "framework/crypto/ossl_ptr.hpp"

#include <certctl/result.hpp>

#include <algorithm>

namespace certctl::crypto {
namespace {

// A hostile set of cross-signed certificates has more paths than anyone can try.
constexpr int kMaxSignatureChecks = 256;

// What is wrong with the best path that was found; later ones are better (nearer to a valid path).
enum class Defect : int { none_found, bad_signature, not_ca, invalid, expired };

struct Finding {
  Defect defect = Defect::none_found;
  std::string text;
};

std::uint32_t flags_of(const Certificate& certificate) {
  return X509_get_extension_flags(certificate.get());
}

std::string quoted(const Certificate& certificate) {
  return "'" + certificate.subject_text() + "'";
}

bool signed_with_md5(const Certificate& certificate) {
  int digest = NID_undef;
  return X509_get_signature_info(certificate.get(), &digest, nullptr, nullptr, nullptr) == 1 &&
         (digest == NID_md5 || digest == NID_md4);
}

class PathSearch {
 public:
  PathSearch(const Certificate& leaf, std::span<const Certificate> candidates, std::span<const Certificate> anchors,
             std::optional<TimePoint> at)
      : leaf_(leaf), candidates_(candidates), anchors_(anchors), at_(at) {
    path_.push_back(&leaf);
  }

  std::vector<Certificate> run() {
    if (!extend()) fail();
    std::vector<Certificate> chain;
    for (std::size_t i = 1; i + 1 < path_.size(); ++i) chain.push_back(*path_[i]);
    return chain;
  }

 private:
  // Completes path_ from its last element to an anchor, or leaves it as it was.
  bool extend() {
    const Certificate& last = *path_.back();
    for (const Certificate& anchor : anchors_)
      if (path_.size() <= kMaxPathDepth && last == anchor && judge()) return true;
    for (const Certificate& anchor : anchors_) {
      if (!may_follow(anchor) || !may_issue(anchor, true)) continue;
      path_.push_back(&anchor);
      if (judge()) return true;
      path_.pop_back();
    }
    for (const Certificate& candidate : candidates_) {
      if (is_anchor(candidate) || !may_follow(candidate) || !may_issue(candidate, false)) continue;
      path_.push_back(&candidate);
      if (extend()) return true;
      path_.pop_back();
    }
    return false;
  }

  // The next certificate's name and signature fit, and it is not in the path yet.
  bool may_follow(const Certificate& upper) {
    const Certificate& lower = *path_.back();
    if (path_.size() > kMaxPathDepth) return false;
    if (X509_NAME_cmp(X509_get_subject_name(upper.get()), X509_get_issuer_name(lower.get())) != 0) return false;
    const bool known = std::any_of(path_.begin(), path_.end(), [&](const Certificate* one) { return *one == upper; });
    if (known) return false;
    if (++checks_ > kMaxSignatureChecks)
      throw Failure::never("path-too-large", "there are too many ways from " + quoted(leaf_) + " to a trust anchor");
    if (lower.signed_by(upper)) return true;
    note(Defect::bad_signature, "the signature on " + quoted(lower) + " is not by " + quoted(upper));
    return false;
  }

  bool may_issue(const Certificate& issuer, bool anchor) {
    const std::uint32_t flags = flags_of(issuer);
    // An anchor is trusted as it is: CA certificates of version 1 have no extensions.
    const bool old_root = anchor && (flags & EXFLAG_BCONS) == 0 && issuer.is_self_issued();
    if ((flags & EXFLAG_CA) == 0 && !old_root) return refused(Defect::not_ca, quoted(issuer) + " is no CA certificate");
    if (!anchor && (flags & EXFLAG_KUSAGE) != 0 && (X509_get_key_usage(issuer.get()) & kKeyCertSign) == 0)
      return refused(Defect::not_ca, quoted(issuer) + " may not sign certificates");
    if ((flags & EXFLAG_INVALID) != 0) return refused(Defect::invalid, quoted(issuer) + " has a malformed extension");
    if (!anchor && (flags & EXFLAG_CRITICAL) != 0)
      return refused(Defect::invalid, quoted(issuer) + " has an unknown critical extension");
    if (!anchor && signed_with_md5(issuer)) return refused(Defect::invalid, quoted(issuer) + " is signed with MD5");
    return true;
  }

  // What can only be said of a whole path.
  bool judge() {
    long below = 0;  // CA certificates between the leaf and the one at hand, self-issued ones excepted
    for (std::size_t i = 0; i < path_.size(); ++i) {
      const Certificate& one = *path_[i];
      if (i > 0) {
        const long limit = X509_get_pathlen(one.get());
        if (limit >= 0 && below > limit)
          return refused(Defect::invalid, quoted(one) + " allows a path of " + std::to_string(limit) + " CAs only");
        if (!names_permitted(i)) return false;
        if (!one.is_self_issued()) ++below;
      }
      if (at_ && !valid_then(one)) return false;
    }
    return true;
  }

  bool valid_then(const Certificate& certificate) {
    const std::int64_t at = std::chrono::floor<std::chrono::seconds>(*at_).time_since_epoch().count();
    if (certificate.not_before_seconds() > at)
      return refused(Defect::expired, quoted(certificate) + " is not valid yet");
    if (certificate.not_after_seconds() < at) return refused(Defect::expired, quoted(certificate) + " has expired");
    return true;
  }

  // RFC 5280 §4.2.1.10
  bool names_permitted(std::size_t issuer) {
    const OsslPtr<NAME_CONSTRAINTS, &NAME_CONSTRAINTS_free> constraints(
        static_cast<NAME_CONSTRAINTS*>(X509_get_ext_d2i(path_[issuer]->get(), NID_name_constraints, nullptr, nullptr)));
    if (!constraints) return true;  // malformed ones have been refused by EXFLAG_INVALID
    for (std::size_t i = 0; i < issuer; ++i) {
      if (i > 0 && path_[i]->is_self_issued()) continue;
      (void)flags_of(*path_[i]);  // makes OpenSSL read the alternative names; it checks none otherwise
      if (NAME_CONSTRAINTS_check(path_[i]->get(), constraints.get()) != X509_V_OK)
        return refused(Defect::invalid,
                       quoted(*path_[issuer]) + " may not issue for the names of " + quoted(*path_[i]));
    }
    return true;
  }

  [[nodiscard]] bool is_anchor(const Certificate& certificate) const {
    return std::any_of(anchors_.begin(), anchors_.end(), [&](const Certificate& one) { return one == certificate; });
  }

  void note(Defect defect, std::string text) {
    if (finding_.text.empty() || defect > finding_.defect) finding_ = {defect, std::move(text)};
  }
  bool refused(Defect defect, std::string text) {
    note(defect, std::move(text));
    return false;
  }

  [[noreturn]] void fail() const {
    switch (finding_.defect) {
      case Defect::expired: throw Failure::never("path-expired", finding_.text);
      case Defect::invalid: throw Failure::never("path-invalid", finding_.text);
      case Defect::not_ca: throw Failure::never("path-not-ca", finding_.text);
      case Defect::bad_signature: throw Failure::never("path-bad-signature", finding_.text);
      case Defect::none_found: break;
    }
    throw Failure::never("path-none", "no path leads from " + quoted(leaf_) + ", issued by '" + leaf_.issuer_text() +
                                          "', to a trust anchor");
  }

  const Certificate& leaf_;
  std::span<const Certificate> candidates_;
  std::span<const Certificate> anchors_;
  std::optional<TimePoint> at_;
  std::vector<const Certificate*> path_;
  Finding finding_;
  int checks_ = 0;
};

const Certificate* issuer_in(std::span<const Certificate> bundle, const Certificate& lower) {
  for (const Certificate& upper : bundle)
    if (!(upper == lower) && lower.signed_by(upper)) return &upper;
  return nullptr;
}

const Certificate* find_leaf(std::span<const Certificate> bundle, const Key* key) {
  for (const Certificate& one : bundle) {
    if (key != nullptr) {
      if (one.carries(*key)) return &one;
      continue;
    }
    const bool issues = std::any_of(bundle.begin(), bundle.end(), [&](const Certificate& other) {
      return !(other == one) && other.issuer_der() == one.subject_der() && other.signed_by(one);
    });
    if (!issues) return &one;
  }
  return nullptr;
}

void check_size(std::size_t count) {
  if (count > kMaxPathPool)
    throw Failure::never("path-too-large",
                         "more than " + std::to_string(kMaxPathPool) + " certificates to choose from");
}

}  // namespace

// SCEP-008
std::vector<Certificate> build_path(const Certificate& leaf, std::span<const Certificate> candidates,
                                    std::span<const Certificate> anchors, std::optional<TimePoint> at) {
  const ErrorFence fence;
  check_size(candidates.size());
  check_size(anchors.size());
  return PathSearch(leaf, candidates, anchors, at).run();
}

LeafAndChain order_leaf_and_chain(std::span<const Certificate> bundle, const Key* key) {
  const ErrorFence fence;
  check_size(bundle.size());
  const Certificate* leaf = find_leaf(bundle, key);
  if (leaf == nullptr)
    throw Failure::never("leaf-missing", key != nullptr ? "none of the certificates belongs to the key"
                                                        : "none of the certificates is an end entity's");
  LeafAndChain out{*leaf, {}, {}};
  std::vector<const Certificate*> used{leaf};
  for (const Certificate* next = issuer_in(bundle, *leaf); next != nullptr; next = issuer_in(bundle, *next)) {
    const bool again = std::any_of(used.begin(), used.end(), [&](const Certificate* one) { return *one == *next; });
    if (again || next->is_self_issued()) break;
    used.push_back(next);
    out.chain.push_back(*next);
  }
  for (const Certificate& one : bundle) {
    const bool taken = std::any_of(used.begin(), used.end(), [&](const Certificate* other) { return *other == one; });
    if (!taken) out.rest.push_back(one);
  }
  return out;
}

}  // namespace certctl::crypto
