#include "enrollers/est/wishes.hpp"

#include "framework/crypto/oid.hpp"
#include "framework/crypto/usage.hpp"

#include <certctl/result.hpp>

#include <algorithm>

namespace certctl::est {
namespace {

constexpr std::string_view kBasicConstraints = "2.5.29.19";
constexpr std::string_view kKeyUsage = "2.5.29.15";
constexpr std::string_view kExtendedKeyUsage = "2.5.29.37";
constexpr std::string_view kAltNames = "2.5.29.17";
constexpr std::string_view kTemplate = "1.3.6.1.4.1.311.20.2";
constexpr std::size_t kMaxExtensions = 16;
constexpr std::size_t kMaxExtensionBytes = 4096;
constexpr std::size_t kShownWishes = 8;

[[noreturn]] void refuse(const std::string& what) {
  throw Failure::never("wish-refused", "the server wants a request that is not made: " + what,
                       "ask the operator of the CA, or set `csr_attributes: false` to ignore its wishes");
}

// EST-011
void check_key(const CsrAttributes& wishes, const crypto::Key& key) {
  if (wishes.keys.empty() ||
      std::any_of(wishes.keys.begin(), wishes.keys.end(), [&](const KeyWish& wish) { return fits(wish, key); }))
    return;
  std::string list;
  for (std::size_t i = 0; i < wishes.keys.size() && i < kShownWishes; ++i)
    list += (i == 0 ? "" : " or ") + text_of(wishes.keys[i]);
  throw Failure::never("key-refused", "the server wants a key of another kind: " + list + ", not " + key.description(),
                       "set `key` of the profile so, or `csr_attributes: false` to ignore the server's wishes");
}

bool is_ca_wish(const crypto::RequestedExtension& extension) {
  if (extension.oid == kBasicConstraints) {
    crypto::BerReader content(crypto::read_whole(extension.value, crypto::kTagSequence, "basic constraints"));
    const auto ca = content.accept(0x01);
    return ca && ca->content.size() == 1 && ca->content[0] != 0;
  }
  return extension.oid == kKeyUsage &&
         (crypto::key_usage_from_der(extension.value) & (crypto::kKeyCertSign | crypto::kCrlSign)) != 0;
}

// The profile says something about it.
bool is_decided(const crypto::RequestedExtension& extension, const CertificateRequest& wanted) {
  if (extension.oid == kAltNames) return true;  // which names are ours is nothing that a server says
  if (extension.oid == kTemplate) return !wanted.certificate_template.name.empty();
  const crypto::Usage usage = crypto::parse_usage(wanted.usage);
  if (extension.oid == kKeyUsage) return usage.key_usage != 0;
  return extension.oid == kExtendedKeyUsage && !usage.extended.empty();
}

}  // namespace

Granted grant(const CsrAttributes& wishes, const CertificateRequest& wanted, const crypto::Key& key) {
  check_key(wishes, key);
  Granted granted;
  // MD5 and SHA-1 are wishes of another time.
  for (const crypto::Digest digest : {crypto::Digest::sha256, crypto::Digest::sha384, crypto::Digest::sha512}) {
    if (std::find(wishes.digests.begin(), wishes.digests.end(), digest) == wishes.digests.end()) continue;
    granted.digest = digest;
    break;
  }
  for (const crypto::RequestedExtension& extension : wishes.extensions) {
    bool ca = false;
    try {
      ca = is_ca_wish(extension);
    } catch (const Failure& failure) {
      refuse("extension " + extension.oid + " makes no sense: " + failure.error().message);
    }
    if (ca) refuse("one for a CA certificate");
    if (is_decided(extension, wanted)) {
      granted.warnings.push_back("the server wishes extension " + extension.oid +
                                 " in its own way; the profile's is asked for");
      continue;
    }
    if (!crypto::is_oid(extension.oid) || extension.value.size() > kMaxExtensionBytes ||
        granted.extensions.size() == kMaxExtensions)
      refuse("extensions that are far too long or too many");
    granted.extensions.push_back(extension);
  }
  // EST-021
  if (wishes.channel_binding)
    granted.warnings.emplace_back(
        "the server wants requests bound to their TLS connection (challengePassword), which is not done: if it "
        "refuses the request, this is why");
  std::string others;
  for (std::size_t i = 0; i < wishes.others.size() && i < kShownWishes; ++i)
    others += (i == 0 ? "" : ", ") + wishes.others[i];
  if (!others.empty())
    granted.warnings.push_back("the server wishes attributes that have no place in a profile: " + others);
  return granted;
}

}  // namespace certctl::est
