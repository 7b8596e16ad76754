#include "framework/crypto/issue.hpp"

#include "framework/crypto/alt_name.hpp"
#include "framework/crypto/der.hpp"
#include "framework/crypto/digest.hpp"
#include "framework/crypto/error_fence.hpp"
#include "framework/crypto/name.hpp"
#include "framework/crypto/x509_parts.hpp"

#include <certctl/result.hpp>

namespace certctl::crypto {
namespace {

constexpr const char* kIssueFailed = "issue-failed";

// RFC 5280 §4.2.1.2, method 1: SHA-1 over the bits of the public key.
Bytes key_id_of(const Key& key) {
  const Bytes spki = key.spki_der();
  BerReader reader(read_whole(spki, kTagSequence, "public key"));
  reader.expect(kTagSequence, "algorithm of a public key");
  const BerElement bits = reader.expect(0x03, "public key");
  return sha1(bits.content.subspan(1));
}

Bytes authority_key_id_der(const Issuer& issuer) {
  Bytes id = issuer.certificate.subject_key_id();
  if (id.empty()) id = key_id_of(issuer.certificate.public_key());
  const Bytes element = der_element(0x80, id);
  return der_sequence({element});
}

Bytes basic_constraints_der(bool ca, std::optional<int> path_length) {
  static constexpr std::uint8_t kTrue[] = {0x01, 0x01, 0xFF};
  Bytes length;
  if (ca && path_length) length = der_integer(Bytes{static_cast<std::uint8_t>(*path_length & 0x7F)});
  return der_sequence({ca ? BytesView(kTrue) : BytesView(), length});
}

// RFC 5280 §4.2.1.13: one distribution point per address.
Bytes crl_addresses_der(const std::vector<std::string>& addresses) {
  Bytes points;
  for (const std::string& address : addresses) {
    const Bytes uri = der_element(0x86, bytes_of(address));
    const Bytes name = der_element(0xA0, der_element(0xA0, uri));
    const Bytes point = der_sequence({name});
    points.insert(points.end(), point.begin(), point.end());
  }
  return der_sequence({points});
}

struct Draft {
  Bytes subject_der;
  Bytes serial;
  TimePoint not_before;
  TimePoint not_after;
  const Key* public_key = nullptr;
  bool ca = false;
  std::optional<int> path_length;
  unsigned key_usage = 0;
  std::vector<std::string> extended;
  std::vector<AltName> alt_names;
  std::vector<std::string> crl_addresses;
  std::string not_after_text;
  std::vector<RequestedExtension> more_extensions;
  Digest digest = Digest::sha256;
};

// Issued by nobody else when `issuer` is null: signed with `signer` itself.
Certificate make(const Draft& draft, const Issuer* issuer, const Key& signer) {
  const ErrorFence fence;
  const X509NamePtr subject = decode_name(draft.subject_der, kIssueFailed);
  const X509NamePtr issuer_name =
      decode_name(issuer != nullptr ? issuer->certificate.subject_der() : draft.subject_der, kIssueFailed);
  const Asn1IntegerPtr serial = make_serial(draft.serial, kIssueFailed);
  const Asn1TimePtr begin = make_time(draft.not_before, kIssueFailed);
  const Asn1TimePtr end = make_time(draft.not_after, kIssueFailed);
  const X509Ptr certificate(X509_new());
  if (!draft.not_after_text.empty() && ASN1_TIME_set_string(end.get(), draft.not_after_text.c_str()) != 1)
    openssl_failed(kIssueFailed, "a time");
  if (!certificate || X509_set_version(certificate.get(), X509_VERSION_3) != 1 ||
      X509_set_serialNumber(certificate.get(), serial.get()) != 1 ||
      X509_set_subject_name(certificate.get(), subject.get()) != 1 ||
      X509_set_issuer_name(certificate.get(), issuer_name.get()) != 1 ||
      X509_set1_notBefore(certificate.get(), begin.get()) != 1 ||
      X509_set1_notAfter(certificate.get(), end.get()) != 1 ||
      X509_set_pubkey(certificate.get(), draft.public_key->get()) != 1)
    openssl_failed(kIssueFailed, "a certificate");
  const auto add = [&](std::string_view oid, bool critical, const Bytes& value) {
    const X509ExtensionPtr extension = make_extension(oid, critical, value, kIssueFailed);
    if (X509_add_ext(certificate.get(), extension.get(), -1) != 1) openssl_failed(kIssueFailed, "an extension");
  };
  add("2.5.29.19", true, basic_constraints_der(draft.ca, draft.path_length));
  if (draft.key_usage != 0) add("2.5.29.15", true, key_usage_der(draft.key_usage));
  if (!draft.extended.empty()) add("2.5.29.37", false, extended_usage_der(draft.extended));
  if (!draft.alt_names.empty())
    add("2.5.29.17", X509_NAME_entry_count(subject.get()) == 0, alt_names_der(draft.alt_names));
  add("2.5.29.14", false, der_element(kTagOctetString, key_id_of(*draft.public_key)));
  if (!draft.crl_addresses.empty()) add("2.5.29.31", false, crl_addresses_der(draft.crl_addresses));
  for (const RequestedExtension& more : draft.more_extensions) add(more.oid, more.critical, more.value);
  if (issuer != nullptr) add("2.5.29.35", false, authority_key_id_der(*issuer));
  if (X509_sign(certificate.get(), signer.get(), signature_digest(draft.digest, signer.get())) <= 0)
    openssl_failed(kIssueFailed, "the signature of a certificate");
  return Certificate::from_der(encoded(&i2d_X509, certificate.get()));
}

Draft ca_draft(const Key& key, const CaSpec& spec) {
  Draft draft;
  draft.subject_der = name_der(spec.subject);
  draft.serial = spec.serial;
  draft.not_before = spec.not_before;
  draft.not_after = spec.not_after;
  draft.public_key = &key;
  draft.ca = true;
  draft.path_length = spec.path_length;
  draft.key_usage = spec.key_usage;
  draft.digest = spec.digest;
  return draft;
}

}  // namespace

Certificate make_root_ca(const Key& key, const CaSpec& spec) {
  return make(ca_draft(key, spec), nullptr, key);
}

Certificate make_intermediate_ca(const Issuer& issuer, const Key& key, const CaSpec& spec) {
  return make(ca_draft(key, spec), &issuer, issuer.key);
}

Certificate make_ra(const Issuer& issuer, const Key& key, const RaSpec& spec) {
  Draft draft;
  draft.subject_der = name_der(spec.subject);
  draft.serial = spec.serial;
  draft.not_before = spec.not_before;
  draft.not_after = spec.not_after;
  draft.public_key = &key;
  draft.key_usage = spec.key_usage;
  draft.digest = spec.digest;
  return make(draft, &issuer, issuer.key);
}

Certificate issue_certificate(const Issuer& issuer, const Csr& request, const IssueSpec& spec) {
  const Key key = spec.public_key ? *spec.public_key : request.public_key();
  const Usage usage = spec.usage ? *spec.usage : Usage{request.key_usage(), request.extended_usages()};
  Draft draft;
  draft.subject_der = spec.subject_der.empty() ? request.subject_der() : spec.subject_der;
  draft.serial = spec.serial;
  draft.not_before = spec.not_before;
  draft.not_after = spec.not_after;
  draft.public_key = &key;
  draft.ca = spec.ca;
  draft.key_usage = usage.key_usage;
  if (!spec.usage && draft.key_usage == 0)
    draft.key_usage = key.type() == PublicKeyType::rsa ? kDigitalSignature | kKeyEncipherment : kDigitalSignature;
  if (spec.ca) draft.key_usage |= kKeyCertSign;
  if (spec.no_key_usage) draft.key_usage = 0;
  draft.extended = usage.extended;
  draft.alt_names = spec.alt_names ? *spec.alt_names : request.alt_names();
  draft.crl_addresses = spec.crl_addresses;
  draft.not_after_text = spec.not_after_text;
  draft.more_extensions = spec.more_extensions;
  draft.digest = spec.digest;
  return make(draft, &issuer, issuer.key);
}

Bytes make_crl(const Issuer& issuer, const CrlSpec& spec) {
  const ErrorFence fence;
  const X509NamePtr name = decode_name(issuer.certificate.subject_der(), kIssueFailed);
  const Asn1TimePtr begin = make_time(spec.this_update, kIssueFailed);
  const Asn1TimePtr end = make_time(spec.next_update, kIssueFailed);
  const X509CrlPtr crl(X509_CRL_new());
  if (!crl || X509_CRL_set_version(crl.get(), X509_CRL_VERSION_2) != 1 ||
      X509_CRL_set_issuer_name(crl.get(), name.get()) != 1 || X509_CRL_set1_lastUpdate(crl.get(), begin.get()) != 1 ||
      X509_CRL_set1_nextUpdate(crl.get(), end.get()) != 1)
    openssl_failed(kIssueFailed, "a CRL");
  for (const RevokedCertificate& entry : spec.revoked) {
    const Asn1IntegerPtr serial = make_serial(entry.serial, kIssueFailed);
    const Asn1TimePtr at = make_time(entry.at, kIssueFailed);
    X509RevokedPtr revoked(X509_REVOKED_new());
    if (!revoked || X509_REVOKED_set_serialNumber(revoked.get(), serial.get()) != 1 ||
        X509_REVOKED_set_revocationDate(revoked.get(), at.get()) != 1)
      openssl_failed(kIssueFailed, "an entry of a CRL");
    if (entry.reason) {
      const Bytes reason = der_element(0x0A, Bytes{static_cast<std::uint8_t>(*entry.reason)});
      const X509ExtensionPtr extension = make_extension("2.5.29.21", false, reason, kIssueFailed);
      if (X509_REVOKED_add_ext(revoked.get(), extension.get(), -1) != 1)
        openssl_failed(kIssueFailed, "an entry of a CRL");
    }
    if (X509_CRL_add0_revoked(crl.get(), revoked.get()) != 1) openssl_failed(kIssueFailed, "an entry of a CRL");
    (void)revoked.release();
  }
  Bytes number{0};
  for (int shift = 56; shift >= 0; shift -= 8) number.push_back(static_cast<std::uint8_t>(spec.number >> shift));
  const X509ExtensionPtr number_extension = make_extension("2.5.29.20", false, der_integer(number), kIssueFailed);
  const X509ExtensionPtr authority = make_extension("2.5.29.35", false, authority_key_id_der(issuer), kIssueFailed);
  if (X509_CRL_add_ext(crl.get(), authority.get(), -1) != 1 ||
      X509_CRL_add_ext(crl.get(), number_extension.get(), -1) != 1 || X509_CRL_sort(crl.get()) != 1 ||
      X509_CRL_sign(crl.get(), issuer.key.get(), signature_digest(spec.digest, issuer.key.get())) <= 0)
    openssl_failed(kIssueFailed, "a CRL");
  return encoded(&i2d_X509_CRL, crl.get());
}

}  // namespace certctl::crypto
