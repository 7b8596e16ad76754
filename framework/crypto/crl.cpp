#include "framework/crypto/crl.hpp"

#include "framework/crypto/asn1_time.hpp"
#include "framework/crypto/error_fence.hpp"
#include "framework/crypto/name.hpp"
#include "framework/crypto/ossl_ptr.hpp"
#include "framework/crypto/pem.hpp"

#include <certctl/result.hpp>

#include <openssl/x509v3.h>

#include <algorithm>
#include <array>

namespace certctl::crypto {
namespace {

Failure crl_unreadable(const std::string& what) {
  return Failure::never("crl-unreadable", "the revocation list cannot be used: " + what,
                        "look at it with `openssl crl -text`");
}

Bytes der_of(std::string_view text) {
  if (text.find("-----BEGIN ") == std::string_view::npos) return {text.begin(), text.end()};
  for (const PemBlock& block : split_pem(text)) {
    if (block.label == "X509 CRL") return pem_decode(block);
  }
  throw crl_unreadable("there is none in this PEM text");
}

// RFC 5280 §5.2.5: a list with an unknown critical extension must not be used; delta and scoped lists are no whole
// ones.
void check_scope(const X509_CRL* crl) {
  for (int i = 0; i < X509_CRL_get_ext_count(crl); ++i) {
    X509_EXTENSION* extension = X509_CRL_get_ext(crl, i);
    const int kind = OBJ_obj2nid(X509_EXTENSION_get_object(extension));
    if (kind == NID_delta_crl) throw crl_unreadable("it is a delta of another list");
    if (kind == NID_issuing_distribution_point) {
      const OsslPtr<ISSUING_DIST_POINT, &ISSUING_DIST_POINT_free> scope(
          static_cast<ISSUING_DIST_POINT*>(X509V3_EXT_d2i(extension)));
      if (!scope) throw crl_unreadable("its issuing distribution point is malformed");
      // onlyContainsUserCerts is fine: what is judged here is an end entity's certificate.
      if (scope->onlyCA > 0 || scope->onlyattr > 0 || scope->indirectCRL > 0 || scope->onlysomereasons != nullptr)
        throw crl_unreadable("it judges only a part of the certificates");
      continue;
    }
    if (X509_EXTENSION_get_critical(extension) != 0 && kind != NID_crl_number)
      throw crl_unreadable("it has an unknown critical extension");
  }
}

std::string reason_word(long code) {
  static constexpr std::array<const char*, 11> kWords{
      "unspecified",   "keyCompromise",        "cACompromise",    "affiliationChanged",
      "superseded",    "cessationOfOperation", "certificateHold", "",
      "removeFromCRL", "privilegeWithdrawn",   "aACompromise"};
  return code >= 0 && code < static_cast<long>(kWords.size()) ? kWords[static_cast<std::size_t>(code)] : "";
}

bool is_plain_address(std::string_view text) {
  const bool scheme = text.starts_with("http://") || text.starts_with("https://") || text.starts_with("ldap://");
  return scheme && text.size() <= 2000 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 127; });
}

}  // namespace

Crl::Crl(X509_crl_st* owned) : crl_(owned, &X509_CRL_free) {
  const auto begin = time_seconds(X509_CRL_get0_lastUpdate(owned));
  if (!begin) throw crl_unreadable("its time is malformed");
  this_update_ = *begin;
  if (const ASN1_TIME* end = X509_CRL_get0_nextUpdate(owned)) {
    next_update_ = time_seconds(end);
    if (!next_update_) throw crl_unreadable("its time is malformed");
  }
}

Crl Crl::from_text(std::string_view der_or_pem) {
  const ErrorFence fence;
  Bytes der;
  try {
    der = der_of(der_or_pem);
  } catch (const Failure& failure) {
    if (failure.error().code == "crl-unreadable") throw;
    throw crl_unreadable(failure.error().message);
  }
  const unsigned char* at = der.data();
  X509CrlPtr crl(d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size())));
  if (!crl || at != der.data() + der.size()) throw crl_unreadable("it is no X.509 revocation list");
  check_scope(crl.get());
  return Crl(crl.release());
}

Bytes Crl::der() const {
  const ErrorFence fence;
  return encoded(&i2d_X509_CRL, crl_.get());
}

std::string Crl::to_pem() const {
  const Bytes bytes = der();
  return pem_text("X509 CRL", bytes);
}

std::string Crl::issuer_text() const {
  const ErrorFence fence;
  return name_text(encoded(&i2d_X509_NAME, X509_CRL_get_issuer(crl_.get())));
}

std::size_t Crl::count() const noexcept {
  const ErrorFence fence;
  const int count = sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl_.get()));
  return count < 0 ? 0 : static_cast<std::size_t>(count);
}

bool Crl::signed_by(const Certificate& issuer) const {
  const ErrorFence fence;
  if (X509_NAME_cmp(X509_CRL_get_issuer(crl_.get()), X509_get_subject_name(issuer.get())) != 0) return false;
  EVP_PKEY* key = X509_get0_pubkey(issuer.get());
  return key != nullptr && X509_CRL_verify(crl_.get(), key) == 1;
}

std::optional<Revocation> Crl::find(const Certificate& certificate) const {
  const ErrorFence fence;
  X509_REVOKED* entry = nullptr;
  // 2: the entry says removeFromCRL.
  if (X509_CRL_get0_by_cert(crl_.get(), &entry, certificate.get()) != 1 || entry == nullptr) return std::nullopt;
  Revocation revocation;
  revocation.at = time_seconds(X509_REVOKED_get0_revocationDate(entry)).value_or(0);
  int critical = 0;
  const OsslPtr<ASN1_ENUMERATED, &ASN1_ENUMERATED_free> reason(
      static_cast<ASN1_ENUMERATED*>(X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, &critical, nullptr)));
  if (reason) revocation.reason = reason_word(ASN1_ENUMERATED_get(reason.get()));
  return revocation;
}

std::vector<std::string> crl_addresses(const Certificate& certificate) {
  const ErrorFence fence;
  std::vector<std::string> addresses;
  int critical = 0;
  const OsslPtr<CRL_DIST_POINTS, &CRL_DIST_POINTS_free> points(static_cast<CRL_DIST_POINTS*>(
      X509_get_ext_d2i(certificate.get(), NID_crl_distribution_points, &critical, nullptr)));
  if (!points) return addresses;
  for (int i = 0; i < sk_DIST_POINT_num(points.get()); ++i) {
    const DIST_POINT* point = sk_DIST_POINT_value(points.get(), i);
    const bool whole = point->reasons == nullptr && point->CRLissuer == nullptr;
    if (!whole || point->distpoint == nullptr || point->distpoint->type != 0) continue;
    const GENERAL_NAMES* names = point->distpoint->name.fullname;
    for (int j = 0; j < sk_GENERAL_NAME_num(names); ++j) {
      int type = 0;
      const auto* text =
          static_cast<const ASN1_STRING*>(GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names, j), &type));
      if (type != GEN_URI) continue;
      const std::string address(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                                static_cast<std::size_t>(ASN1_STRING_length(text)));
      if (is_plain_address(address) && addresses.size() < 8) addresses.push_back(address);
    }
  }
  return addresses;
}

}  // namespace certctl::crypto
