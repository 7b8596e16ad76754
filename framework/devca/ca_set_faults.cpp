#include "framework/devca/ca_set_faults.hpp"

#include "enrollers/scep/protocol/query.hpp"
#include "framework/crypto/cms_certificates.hpp"
#include "framework/crypto/der.hpp"
#include "framework/crypto/name.hpp"
#include "framework/crypto/random.hpp"
#include "framework/devca/fault_sizes.hpp"
#include "framework/devca/hostile_text.hpp"
#include "framework/devca/signed_parts.hpp"

#include <algorithm>
#include <array>

namespace certctl::devca {
namespace {

using std::chrono::hours;

constexpr std::array<std::string_view, 7> kCapabilities = {"odd-lines", "no-aes", "only-weak", "standard-only",
                                                           "huge",      "binary", "many-words"};
constexpr std::array<std::string_view, 14> kSet = {
    "wrong-ca",  "reversed", "rotated",         "as-pem", "swapped-type", "stranger-ra", "expired-ra",
    "future-ra", "only-ra",  "no-encipherment", "many",   "loop",         "duplicates",  "hostile-names"};
constexpr std::array<std::string_view, 4> kNext = {"unsigned", "stranger", "shorter", "not-ca"};

constexpr std::size_t kHuge = 10U << 20U;
constexpr int kTimes = 20;
constexpr hours kYear{24 * 365};

crypto::Key small_key() {
  return crypto::Key::generate({KeyType::ec, 0, "P-256"});
}

// An RA certificate for `key`, issued by `issuer`.
crypto::Certificate ra_of(const crypto::Issuer& issuer, const crypto::Key& key, Bytes subject_der, TimePoint begin,
                          TimePoint end, unsigned usage) {
  crypto::RaSpec spec;
  spec.subject = crypto::name_attributes(subject_der);
  spec.not_before = begin;
  spec.not_after = end;
  spec.key_usage = usage;
  return crypto::make_ra(issuer, key, spec);
}

// The RA certificates of the set, made again in another way; a CA without RA gets one for its own key.
template <class Make>
void remake_ra(const Authority& authority, std::vector<crypto::Certificate>& set, Make&& make) {
  bool found = false;
  for (crypto::Certificate& certificate : set) {
    if (certificate.is_ca()) continue;
    certificate = make(certificate.public_key(), certificate.subject_der());
    found = true;
  }
  if (!found)
    set.insert(set.begin(), make(authority.issuing.key, crypto::name_der({{"CN", "Registration Authority", false}})));
}

// Certificates of CAs of which each is issued by the next, and the last by the first.
std::vector<crypto::Certificate> issuer_loop(TimePoint now) {
  constexpr std::size_t kLength = 3;
  std::vector<crypto::Key> keys;
  std::vector<std::vector<NameAttribute>> names;
  for (std::size_t i = 0; i < kLength; ++i) {
    keys.push_back(small_key());
    names.push_back({{"CN", "Loop " + std::to_string(i), false}});
  }
  std::vector<crypto::Certificate> loop;
  for (std::size_t i = 0; i < kLength; ++i) {
    const std::size_t above = (i + 1) % kLength;
    crypto::CaSpec spec;
    spec.not_before = now - kDay;
    spec.not_after = now + kYear;
    spec.subject = names[above];
    const crypto::Issuer issuer{crypto::make_root_ca(keys[above], spec), keys[above]};
    spec.subject = names[i];
    loop.push_back(crypto::make_intermediate_ca(issuer, keys[i], spec));
  }
  return loop;
}

// More certificates for a certificates-only SignedData, as they are: a proper writer refuses one that is there already.
void append(Bytes& list, const Bytes& more) {
  SignedParts parts = take_apart(list);
  Bytes all;
  if (!parts.certificates.empty()) {
    const auto known = crypto::read_whole(parts.certificates, 0xA0, "certificates").content;
    all.assign(known.begin(), known.end());
  }
  all.insert(all.end(), more.begin(), more.end());
  parts.certificates = crypto::der_element(0xA0, all);
  list = put_together(parts);
}

}  // namespace

std::span<const std::string_view> capability_faults() {
  return kCapabilities;
}
std::span<const std::string_view> ca_set_faults() {
  return kSet;
}
std::span<const std::string_view> next_ca_faults() {
  return kNext;
}

void spoil_capabilities(Faults& faults, std::string& text) {
  if (faults.hit("odd-lines"))
    text = "aes \r\n\t SHA-256\t\r\n\r\n \r\nSomethingNew 1.0\r\nrenewal\r\nPOSTPKIOperation";
  if (faults.hit("no-aes")) text = "POSTPKIOperation\nRenewal\nSHA-512\nSHA-256\nSHA-1\nDES3\n";
  if (faults.hit("only-weak")) text = "DES\nMD5\nSHA-1\n";
  if (faults.hit("standard-only")) text = "SCEPStandard";
  if (faults.hit("huge")) text.assign(kHuge, '\xA5');
  if (faults.hit("binary")) {
    const Bytes bytes = crypto::random_bytes(2000);
    text.assign(bytes.begin(), bytes.end());
  }
  if (faults.hit("many-words"))
    for (int i = 0; i < 1000; ++i) text += "Word-" + std::to_string(i) + "\n";
}

void spoil_ca_set(Faults& faults, const Authority& authority, TimePoint now, std::vector<crypto::Certificate>& set) {
  const crypto::Issuer& issuing = authority.issuing;
  const TimePoint end = issuing.certificate.not_after();
  constexpr unsigned kBoth = crypto::kDigitalSignature | crypto::kKeyEncipherment;
  if (faults.hit("wrong-ca")) set = {impostor_of(issuing, now).certificate};
  if (faults.hit("stranger-ra")) {
    const crypto::Issuer stranger = impostor_of(issuing, now);
    set.insert(set.begin(),
               ra_of(stranger, stranger.key, crypto::name_der({{"CN", "RA", false}}), now - kDay, end, kBoth));
  }
  if (faults.hit("expired-ra"))
    remake_ra(authority, set, [&](const crypto::Key& key, const Bytes& subject) {
      return ra_of(issuing, key, subject, now - kYear, now - kDay, kBoth);
    });
  if (faults.hit("future-ra"))
    remake_ra(authority, set, [&](const crypto::Key& key, const Bytes& subject) {
      return ra_of(issuing, key, subject, now + kDay, end, kBoth);
    });
  if (faults.hit("no-encipherment"))
    remake_ra(authority, set, [&](const crypto::Key& key, const Bytes& subject) {
      return ra_of(issuing, key, subject, now - kDay, end, crypto::kDigitalSignature);
    });
  if (faults.hit("hostile-names"))
    remake_ra(authority, set, [&](const crypto::Key& key, const Bytes&) {
      std::vector<std::string> texts = hostile_texts();
      texts.emplace_back(100'000, 'x');
      crypto::IssueSpec spec;
      spec.not_before = now - kDay;
      spec.not_after = end;
      spec.subject_der = name_of_texts(texts);
      spec.usage = crypto::Usage{kBoth, {}};
      spec.public_key = key;
      const crypto::Csr csr = crypto::Csr::from_der(crypto::build_csr({}, issuing.key, Secret(), {spec.subject_der}));
      return crypto::issue_certificate(issuing, csr, spec);
    });
  if (faults.hit("only-ra")) std::erase_if(set, [](const crypto::Certificate& one) { return one.is_ca(); });
  if (faults.hit("loop"))
    for (crypto::Certificate& one : issuer_loop(now)) set.push_back(std::move(one));
  if (faults.hit("reversed")) std::reverse(set.begin(), set.end());
  if (faults.hit("rotated")) std::rotate(set.begin(), set.begin() + 1, set.end());
}

scep::CaBody ca_body(Faults& faults, const std::vector<crypto::Certificate>& set, TimePoint now) {
  scep::CaBody body = scep::print_ca_certificates(set);
  if (faults.hit("many")) {
    body = {crypto::build_certificates_only(set), scep::kContentTypeCaRaCert};
    append_certificates(body.body, kMany, now);
  }
  if (faults.hit("duplicates")) {
    body = {crypto::build_certificates_only(set), scep::kContentTypeCaRaCert};
    append_again(body.body, set);
  }
  if (faults.hit("swapped-type"))
    body.content_type = set.size() == 1 ? scep::kContentTypeCaRaCert : scep::kContentTypeCaCert;
  return body;
}

void append_again(Bytes& list, const std::vector<crypto::Certificate>& certificates) {
  for (int i = 0; i < kTimes; ++i)
    for (const crypto::Certificate& certificate : certificates) append(list, certificate.der());
}

// One certificate over and over with another serial number: nobody verifies signatures of what he does not need.
void append_certificates(Bytes& list, int count, TimePoint now) {
  const Bytes mark{0x5A, 0x5A, 0x5A, 0x5A, 0x5A, 0x5A, 0x5A, 0x5A};
  crypto::CaSpec spec;
  spec.subject = {{"CN", "one of many", false}};
  spec.not_before = now - kDay;
  spec.not_after = now + kYear;
  spec.serial = mark;
  Bytes der = crypto::make_root_ca(small_key(), spec).der();
  const auto serial = std::search(der.begin(), der.end(), mark.begin(), mark.end());

  Bytes all;
  for (int i = 0; i < count; ++i) {
    for (int octet = 0; octet < 4; ++octet) serial[4 + octet] = static_cast<std::uint8_t>(i >> (8 * octet));
    all.insert(all.end(), der.begin(), der.end());
  }
  append(list, all);
}

Bytes next_ca_body(Faults& faults, const Authority& authority, TimePoint now) {
  const crypto::Issuer& issuing = authority.issuing;
  std::vector<crypto::Certificate> next{authority.next->certificate};
  if (faults.hit("shorter")) {
    crypto::CaSpec spec;
    spec.subject = issuing.certificate.subject();
    spec.not_before = now - kDay;
    spec.not_after = now - hours{1};
    next = {crypto::make_root_ca(authority.next->key, spec)};
  }
  if (faults.hit("not-ca"))
    next = {ra_of(issuing, authority.next->key, issuing.certificate.subject_der(), now - kDay, now + kYear,
                  crypto::kDigitalSignature)};
  if (faults.hit("unsigned")) return crypto::build_certificates_only(next);
  const crypto::Issuer signer = faults.hit("stranger") ? impostor_of(issuing, now) : issuing;
  return scep::print_next_ca_certificates(next, signer.certificate, signer.key.get(), now);
}

}  // namespace certctl::devca
