#include "framework/devca/authority.hpp"

#include "framework/crypto/name.hpp"
#include "framework/sys/atomic_file.hpp"

#include <certctl/result.hpp>

#include <algorithm>
#include <array>

namespace certctl::devca {
namespace {

constexpr std::size_t kMaxPem = 1U << 20U;
// Written last: the CA is complete.
constexpr const char* kComplete = "fingerprint";
// A client's clock may be behind.
constexpr std::chrono::hours kAuthorityBackdate{24};

// SCEP-200
void store(const std::string& directory, const std::string& name, const crypto::Issuer& issuer) {
  sys::replace_file(directory + "/" + name + ".key", issuer.key.to_pem_pkcs8().reveal(), 0600);
  sys::replace_file(directory + "/" + name + ".crt", issuer.certificate.to_pem(), 0644);
}

std::optional<crypto::Issuer> load(const std::string& directory, const std::string& name) {
  const auto certificate = sys::read_file_if_exists(directory + "/" + name + ".crt", kMaxPem);
  if (!certificate) return std::nullopt;
  const Secret key(sys::read_file(directory + "/" + name + ".key", kMaxPem));
  return crypto::Issuer{crypto::Certificate::from_pem(*certificate), crypto::Key::from_pem(key)};
}

// The subject with another common name.
std::vector<NameAttribute> named(const std::vector<NameAttribute>& subject, const std::string& common_name) {
  std::vector<NameAttribute> result;
  for (const NameAttribute& attribute : subject)
    if (attribute.type != "CN") result.push_back(attribute);
  result.push_back({"CN", common_name, false});
  return result;
}

struct RaKind {
  const char* file;
  const char* common_name;
  unsigned usage;
};
// SCEP-201
constexpr RaKind kRa{"ra", "RA", crypto::kDigitalSignature | crypto::kKeyEncipherment};
constexpr RaKind kRaSign{"ra-sign", "RA signing", crypto::kDigitalSignature};
constexpr RaKind kRaDecrypt{"ra-decrypt", "RA encryption", crypto::kKeyEncipherment};

// RA keys are RSA whatever the CA's: they are there to decrypt, too.
void make_ra(const std::string& directory, const RaKind& kind, const crypto::Issuer& issuer, const KeySpec& key_spec) {
  crypto::RaSpec ra;
  ra.subject = named(issuer.certificate.subject(), kind.common_name);
  ra.not_before = issuer.certificate.not_before();
  ra.not_after = issuer.certificate.not_after();
  ra.key_usage = kind.usage;
  const crypto::Key key = crypto::Key::generate(key_spec);
  store(directory, kind.file, {crypto::make_ra(issuer, key, ra), key});
}

void remove(const std::string& directory, const std::string& name) {
  for (const char* ending : {".key", ".crt"}) sys::remove_file(directory + "/" + name + ending);
}

// Of a rollover: they stay after it.
constexpr std::array<const char*, 3> kLinks = {"new-with-old", "old-with-new", "old-with-old"};

// Each of two CAs vouches for the other.
void make_links(const std::string& directory, const crypto::Issuer& old, const crypto::Issuer& next, TimePoint now) {
  const auto vouch = [&](const char* name, const crypto::Issuer& issuer, const crypto::Issuer& subject) {
    crypto::CaSpec spec;
    spec.subject = subject.certificate.subject();
    spec.not_before = now - kAuthorityBackdate;
    spec.not_after = std::min(old.certificate.not_after(), next.certificate.not_after());
    sys::replace_file(directory + "/" + name + ".crt", crypto::make_intermediate_ca(issuer, subject.key, spec).to_pem(),
                      0644);
  };
  vouch(kLinks[0], old, next);
  vouch(kLinks[1], next, old);
}

void make(const std::string& directory, const CaShape& shape, TimePoint now) {
  // What an earlier start left when it was interrupted may be of another shape.
  for (const char* name : {"root", "ca", "ra", "ra-sign", "ra-decrypt", "ra-old", "ra-sign-old", "ra-decrypt-old",
                           "next-ca", "new-with-old", "old-with-new"})
    remove(directory, name);
  crypto::CaSpec ca;
  ca.subject = crypto::parse_subject(shape.subject);
  ca.not_before = now - kAuthorityBackdate;
  ca.not_after = now + shape.validity;
  // SCEP-002: an EC key encrypts nothing.
  if (shape.ca_key.type == KeyType::ec)
    ca.key_usage = crypto::kDigitalSignature | crypto::kKeyCertSign | crypto::kCrlSign;

  const crypto::Key key = crypto::Key::generate(shape.ca_key);
  std::optional<crypto::Issuer> root;
  std::optional<crypto::Issuer> issuing;
  if (shape.chain) {
    crypto::CaSpec top = ca;
    top.subject = named(ca.subject, "Root CA");
    top.key_usage = crypto::kKeyCertSign | crypto::kCrlSign;
    const crypto::Key top_key = crypto::Key::generate(shape.root_key);
    root = crypto::Issuer{crypto::make_root_ca(top_key, top), top_key};
    store(directory, "root", *root);
    issuing = crypto::Issuer{crypto::make_intermediate_ca(*root, key, ca), key};
  } else {
    issuing = crypto::Issuer{crypto::make_root_ca(key, ca), key};
  }
  store(directory, "ca", *issuing);

  const crypto::Issuer& above_ra = shape.ra_by_root && root ? *root : *issuing;
  if (shape.ra == RaMode::one) make_ra(directory, kRa, above_ra, shape.ra_key);
  if (shape.ra == RaMode::pair) {
    make_ra(directory, kRaSign, above_ra, shape.ra_key);
    make_ra(directory, kRaDecrypt, above_ra, shape.ra_key);
  }
  // SCEP-163
  if (shape.next_ca) {
    crypto::CaSpec next = ca;
    next.not_before = now - kAuthorityBackdate;
    next.not_after = ca.not_after + shape.validity;
    const crypto::Key next_key = crypto::Key::generate(shape.ca_key);
    const crypto::Issuer successor{crypto::make_root_ca(next_key, next), next_key};
    store(directory, "next-ca", successor);
    make_links(directory, root ? *root : *issuing, successor, now);
  }
}

}  // namespace

const crypto::Issuer& Authority::reply_signer(const std::optional<crypto::Certificate>& recipient) const {
  if (recipient && old_decrypt && old_sign && *recipient == old_decrypt->certificate) return *old_sign;
  return ra_sign ? *ra_sign : issuing;
}

std::vector<crypto::Certificate> Authority::set() const {
  std::vector<crypto::Certificate> all;
  if (ra_sign) all.push_back(ra_sign->certificate);
  if (ra_decrypt && !(ra_decrypt->certificate == ra_sign->certificate)) all.push_back(ra_decrypt->certificate);
  const bool ra_only = root && ra_sign && ra_sign->certificate.issuer_der() != issuing.certificate.subject_der();
  if (!ra_only) all.push_back(issuing.certificate);
  if (root) all.push_back(root->certificate);
  return all;
}

std::vector<crypto::Certificate> Authority::est_set() const {
  std::vector<crypto::Certificate> all{issuing.certificate};
  if (root) all.push_back(root->certificate);
  if (next) all.push_back(next->certificate);
  all.insert(all.end(), links.begin(), links.end());
  return all;
}

Authority open_authority(const std::string& directory, const CaShape& shape, TimePoint now) {
  const std::string complete = directory + "/" + kComplete;
  if (!sys::read_file_if_exists(complete, kMaxPem)) make(directory, shape, now);
  auto issuing = load(directory, "ca");
  if (!issuing)
    throw Failure::never("state-damaged", "state " + directory + ": ca.crt is missing",
                         "begin anew with an empty directory");
  Authority authority{std::move(*issuing), load(directory, "root"), {}, {}, {}, {}, load(directory, "next-ca"), {}};
  if (auto both = load(directory, "ra")) authority.ra_sign = authority.ra_decrypt = std::move(both);
  if (auto sign = load(directory, "ra-sign")) authority.ra_sign = std::move(sign);
  if (auto decrypt = load(directory, "ra-decrypt")) authority.ra_decrypt = std::move(decrypt);
  if (auto both = load(directory, "ra-old")) authority.old_sign = authority.old_decrypt = std::move(both);
  if (auto sign = load(directory, "ra-sign-old")) authority.old_sign = std::move(sign);
  if (auto decrypt = load(directory, "ra-decrypt-old")) authority.old_decrypt = std::move(decrypt);

  for (const char* name : kLinks)
    if (const auto text = sys::read_file_if_exists(directory + "/" + name + ".crt", kMaxPem))
      authority.links.push_back(crypto::Certificate::from_pem(*text));

  const std::string fingerprint = authority.top().fingerprint() + "\n";
  if (sys::read_file_if_exists(complete, kMaxPem) != fingerprint) {
    std::string set;
    for (const crypto::Certificate& certificate : authority.set()) set += certificate.to_pem();
    sys::replace_file(directory + "/set.pem", set, 0644);
    sys::replace_file(directory + "/top.crt", authority.top().to_pem(), 0644);
    sys::replace_file(complete, fingerprint, 0644);
  }
  return authority;
}

void roll_over(const std::string& directory) {
  const auto next = load(directory, "next-ca");
  const auto root = load(directory, "root");
  if (!next) throw Failure::never("no-next-ca", "state " + directory + " has no next CA", "make the CA with --next-ca");
  sys::replace_file(directory + "/" + kLinks[2] + ".crt", (root ? root : load(directory, "ca"))->certificate.to_pem(),
                    0644);
  store(directory, "ca", *next);
  for (const RaKind& kind : {kRa, kRaSign, kRaDecrypt})
    if (load(directory, kind.file)) make_ra(directory, kind, *next, KeySpec{});
  remove(directory, "root");
  remove(directory, "next-ca");
}

void roll_ra_over(const std::string& directory) {
  const auto issuing = load(directory, "ca");
  const auto root = load(directory, "root");
  bool found = false;
  for (const RaKind& kind : {kRa, kRaSign, kRaDecrypt}) {
    const auto old = load(directory, kind.file);
    if (!old) continue;
    store(directory, std::string(kind.file) + "-old", *old);
    const bool by_root = root && old->certificate.issuer_der() == root->certificate.subject_der();
    make_ra(directory, kind, by_root ? *root : *issuing, {KeyType::rsa, old->key.bits(), ""});
    found = true;
  }
  if (!found) throw Failure::never("no-ra", "state " + directory + " has no RA", "make the CA with --ra");
}

crypto::Issuer impostor_of(const crypto::Issuer& issuer, TimePoint now) {
  crypto::CaSpec spec;
  spec.subject = issuer.certificate.subject();
  spec.not_before = now - kAuthorityBackdate;
  spec.not_after = now + std::chrono::hours{24 * 3650};
  const crypto::Key key = crypto::Key::generate(KeySpec{});
  return {crypto::make_root_ca(key, spec), key};
}

}  // namespace certctl::devca
