#include "framework/devca/envelope_faults.hpp"

#include "framework/crypto/cms_odd_envelopes.hpp"
#include "framework/crypto/csr.hpp"
#include "framework/crypto/der.hpp"
#include "framework/crypto/name.hpp"
#include "framework/crypto/random.hpp"
#include "framework/crypto/self_signed.hpp"
#include "framework/devca/ca_set_faults.hpp"
#include "framework/devca/fault_sizes.hpp"

#include <array>

namespace certctl::devca {
namespace {

using crypto::OddEnvelope;

constexpr std::array<std::string_view, 20> kEnvelopeFaultNames = {
    "des-reply",    "des3-reply",      "root-first",     "empty-success",    "two-recipients",
    "oaep",         "odd-parameters",  "password",       "symmetric",        "key-agreement",
    "gcm",          "other-recipient", "damaged",        "no-envelope",      "absent-envelope",
    "inner-random", "inner-deep",      "inner-trailing", "two-certificates", "many-certificates"};

crypto::Certificate stranger(KeySpec key_spec, TimePoint now) {
  const crypto::Key key = crypto::Key::generate(key_spec);
  return crypto::make_self_signed(crypto::name_der({{"CN", "stranger", false}}), key, now, std::chrono::hours{24});
}

Bytes deep() {
  Bytes content = crypto::der_sequence({});
  for (std::size_t i = 0; i < kDeep; ++i) content = crypto::der_sequence({content});
  return content;
}

// For the key of `certificate`, with other words.
crypto::Certificate another(const Authority& authority, const crypto::Certificate& certificate, TimePoint now) {
  const crypto::Csr csr = crypto::Csr::from_der(crypto::build_csr(
      {}, authority.issuing.key, Secret(), {crypto::name_der({{"CN", "another", false}}), crypto::Digest::sha256}));
  crypto::IssueSpec spec;
  spec.not_before = now - std::chrono::hours{1};
  spec.not_after = now + std::chrono::hours{24};
  spec.public_key = certificate.public_key();
  return crypto::issue_certificate(authority.issuing, csr, spec);
}

}  // namespace

std::span<const std::string_view> envelope_faults() {
  return kEnvelopeFaultNames;
}

void spoil_list(Faults& faults, const Authority& authority, TimePoint now,
                std::vector<crypto::Certificate>& certificates) {
  if (faults.hit("two-certificates")) certificates.push_back(another(authority, certificates.front(), now));
  if (faults.hit("root-first"))
    for (const crypto::Certificate& ca : authority.set())
      if (ca.is_ca()) certificates.insert(certificates.begin(), ca);
  if (faults.hit("empty-success")) certificates.clear();
}

void spoil_envelope(Faults& faults, const Authority& authority, TimePoint now, scep::ReplySpec& spec) {
  if (faults.hit("des-reply")) spec.cipher = crypto::ContentCipher::des_cbc;
  if (faults.hit("des3-reply")) spec.cipher = crypto::ContentCipher::des3_cbc;
  if (faults.hit("many-certificates")) append_certificates(spec.content, kMany, now);
  if (faults.hit("inner-random")) spec.content = crypto::random_bytes(600);
  if (faults.hit("inner-deep")) spec.content = deep();
  if (faults.hit("inner-trailing")) spec.content.insert(spec.content.end(), {'m', 'o', 'r', 'e'});

  const auto odd = [&](OddEnvelope kind, const crypto::Certificate& other) {
    spec.faults.content = crypto::odd_envelope(kind, spec.content, *spec.recipient, other, spec.cipher);
  };
  const crypto::Certificate& own = authority.issuing.certificate;
  if (faults.hit("two-recipients")) odd(OddEnvelope::two_recipients, stranger(KeySpec{}, now));
  if (faults.hit("oaep")) odd(OddEnvelope::oaep, own);
  if (faults.hit("odd-parameters")) odd(OddEnvelope::absent_parameters, own);
  if (faults.hit("symmetric")) odd(OddEnvelope::key_encryption_key, own);
  if (faults.hit("key-agreement")) odd(OddEnvelope::key_agreement, stranger({KeyType::ec, 0, "P-256"}, now));
  if (faults.hit("gcm")) odd(OddEnvelope::authenticated, own);
  if (faults.hit("password"))
    spec.faults.content = crypto::encrypt_envelope_with_password(spec.content, Secret("guess"), spec.cipher);
  if (faults.hit("other-recipient"))
    spec.faults.content = crypto::encrypt_envelope(spec.content, stranger(KeySpec{}, now), spec.cipher);
  if (faults.hit("damaged")) {
    Bytes envelope = crypto::encrypt_envelope(spec.content, *spec.recipient, spec.cipher);
    envelope.back() ^= 0x01U;
    spec.faults.content = std::move(envelope);
  }
  if (faults.hit("no-envelope")) spec.faults.content = spec.content;
  if (faults.hit("absent-envelope")) spec.faults.content = Bytes{};
}

}  // namespace certctl::devca
