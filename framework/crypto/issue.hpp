// What a CA does: for the development CA and for tests. Time is always given. All fail with "issue-failed".
#pragma once

#include "framework/crypto/certificate.hpp"
#include "framework/crypto/cms.hpp"  // Digest
#include "framework/crypto/csr.hpp"

#include <certctl/types.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace certctl::crypto {

// A CA that signs.
struct Issuer {
  Certificate certificate;
  Key key;
};

struct CaSpec {
  std::vector<NameAttribute> subject;
  TimePoint not_before;
  TimePoint not_after;
  std::optional<int> path_length;
  // SCEP servers without RA certificates also decrypt with the CA's key (RFC 8894 §2.1.2, SCEP-002).
  unsigned key_usage = kDigitalSignature | kKeyEncipherment | kKeyCertSign | kCrlSign;
  Digest digest = Digest::sha256;
  Bytes serial;  // as in IssueSpec
};
[[nodiscard]] Certificate make_root_ca(const Key& key, const CaSpec& spec);
[[nodiscard]] Certificate make_intermediate_ca(const Issuer& issuer, const Key& key, const CaSpec& spec);

// A certificate of a registration authority: no CA; key_usage says whether it signs, decrypts, or both.
struct RaSpec {
  std::vector<NameAttribute> subject;
  TimePoint not_before;
  TimePoint not_after;
  unsigned key_usage = kDigitalSignature | kKeyEncipherment;
  Digest digest = Digest::sha256;
  Bytes serial;
};
[[nodiscard]] Certificate make_ra(const Issuer& issuer, const Key& key, const RaSpec& spec);

struct IssueSpec {
  TimePoint not_before;
  TimePoint not_after;
  Bytes serial;                                   // the INTEGER's content octets; empty: 16 random octets, positive
  Bytes subject_der;                              // empty: the request's
  std::optional<std::vector<AltName>> alt_names;  // nothing: the request's
  std::optional<Usage> usage;  // nothing: the request's, or digitalSignature + keyEncipherment (RSA) when it has none
  std::optional<Key> public_key;           // nothing: the request's (another one is a fault that clients must notice)
  std::vector<std::string> crl_addresses;  // URIs of CRL distribution points
  bool ca = false;                         // CA:TRUE: a fault that clients must notice
  bool no_key_usage = false;               // no extension keyUsage at all
  std::string not_after_text;              // GeneralizedTime beyond what TimePoint holds: 99991231235959Z
  std::vector<RequestedExtension> more_extensions;
  Digest digest = Digest::sha256;
};
// The request's signature is not judged here.
[[nodiscard]] Certificate issue_certificate(const Issuer& issuer, const Csr& request, const IssueSpec& spec);

struct RevokedCertificate {
  Bytes serial;  // content octets, as Certificate::serial_octets()
  TimePoint at;
  std::optional<int> reason;  // RFC 5280 §5.3.1
};
struct CrlSpec {
  TimePoint this_update;
  TimePoint next_update;
  std::uint64_t number = 1;
  std::vector<RevokedCertificate> revoked;
  Digest digest = Digest::sha256;
};
// DER.
[[nodiscard]] Bytes make_crl(const Issuer& issuer, const CrlSpec& spec);

}  // namespace certctl::crypto
