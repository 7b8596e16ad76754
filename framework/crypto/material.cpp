#include "framework/crypto/material.hpp"

#include "framework/crypto/pem.hpp"

#include <certctl/result.hpp>

#include <algorithm>

namespace certctl::crypto {
namespace {

Failure broken(const std::string& why) {
  return Failure::never("credential-broken", "the credential cannot be delivered: " + why,
                        "look at the store; `certctl status` says what is wrong with it");
}

Certificate certificate_of(const Credential& credential) {
  try {
    return Certificate::from_pem(credential.certificate_pem);
  } catch (const Failure& failure) {
    throw broken(failure.error().message);
  }
}

std::optional<Key> key_of(const Credential& credential) {
  if (!credential.key.exportable()) return std::nullopt;
  try {
    return Key::from_pem(credential.key.pem);
  } catch (const Failure& failure) {
    throw broken(failure.error().message);
  }
}

std::vector<Certificate> certificates_of(const std::vector<std::string>& pems) {
  std::vector<Certificate> all;
  for (const std::string& pem : pems) {
    try {
      all.push_back(Certificate::from_pem(pem));
    } catch (const Failure& failure) {
      throw broken(failure.error().message);
    }
  }
  return all;
}

// An old root has no basicConstraints; a certificate of a registration authority is none.
bool is_authority(const Certificate& certificate) {
  return certificate.is_ca() || certificate.signed_by(certificate);
}

// Programs that read one certificate only (strongSwan) must find the issuer first.
std::vector<Certificate> in_order(const Certificate& leaf, std::vector<Certificate> pool) {
  std::vector<Certificate> ordered;
  Certificate below = leaf;
  for (;;) {
    const auto issuer =
        std::find_if(pool.begin(), pool.end(), [&](const auto& candidate) { return below.signed_by(candidate); });
    if (issuer == pool.end()) break;
    below = *issuer;
    ordered.push_back(*issuer);
    pool.erase(issuer);
  }
  ordered.insert(ordered.end(), pool.begin(), pool.end());
  return ordered;
}

std::string joined_pem(const std::vector<Certificate>& certificates) {
  std::string all;
  for (const auto& certificate : certificates) all += certificate.to_pem();
  return all;
}

}  // namespace

std::optional<PemKind> pem_kind_from_word(std::string_view word) noexcept {
  for (const PemKind kind : {PemKind::pkey, PemKind::cert, PemKind::chain, PemKind::ca})
    if (pem_kind_word(kind) == word) return kind;
  return std::nullopt;
}

std::string_view pem_kind_word(PemKind kind) noexcept {
  switch (kind) {
    case PemKind::pkey: return "pkey";
    case PemKind::cert: return "cert";
    case PemKind::chain: return "chain";
    case PemKind::ca: return "ca";
  }
  return "";
}

KeyFormat key_format_from_word(std::string_view word) {
  if (word == "traditional") return KeyFormat::traditional;
  return word == "pkcs8" ? KeyFormat::pkcs8 : KeyFormat::automatic;
}

std::string key_label(std::string_view pem) {
  try {
    for (const auto& block : split_pem(pem))
      if (block.label.ends_with("PRIVATE KEY")) return block.label;
  } catch (const Failure&) {
  }
  return {};
}

Material::Material(const Credential& credential)
    : certificate_(certificate_of(credential)),
      key_(key_of(credential)),
      key_provider_(credential.key.provider),
      chain_(certificates_of(credential.chain_pem)) {
  if (key_ && !certificate_.carries(*key_))
    throw broken("the certificate does not carry the private key's public half");
  std::vector<Certificate> pool;
  for (auto& certificate : certificates_of(credential.ca_set_pem))
    if (is_authority(certificate) && std::find(pool.begin(), pool.end(), certificate) == pool.end())
      pool.push_back(std::move(certificate));
  authorities_ = in_order(certificate_, std::move(pool));
}

const Key& Material::key() const {
  if (key_) return *key_;
  throw Failure::never("key-not-exportable", "the private key of '" + key_provider_ + "' never leaves its place",
                       "deliver the certificate only, or use a key provider that keeps keys in files");
}

const Certificate& Material::anchor() const {
  const Certificate& top = chain_.empty() ? certificate_ : chain_.back();
  for (const Certificate& authority : authorities_)
    if (top.signed_by(authority) && authority.signed_by(authority)) return authority;
  throw Failure::never("credential-incomplete", "the credential has no root certificate of its chain",
                       "leave out what asks for the root, or renew: the next credential comes with its CA set");
}

Secret Material::pem(PemKind kind, KeyForm form) const {
  switch (kind) {
    case PemKind::pkey: return form == KeyForm::traditional ? key().to_pem_traditional() : key().to_pem_pkcs8();
    case PemKind::cert: return Secret(certificate_.to_pem());
    case PemKind::chain: return Secret(joined_pem(chain_));
    case PemKind::ca: break;
  }
  if (authorities_.empty()) {
    throw Failure::never("credential-incomplete", "the credential has no CA certificate",
                         "leave out what asks for `ca`, or renew: the next credential comes with its CA set");
  }
  return Secret(joined_pem(authorities_));
}

KeyForm Material::key_form_for(KeyFormat format, std::string_view label) const {
  switch (format) {
    case KeyFormat::traditional: return KeyForm::traditional;
    case KeyFormat::pkcs8: return KeyForm::pkcs8;
    case KeyFormat::automatic: break;
  }
  return key_form_for(label);
}

KeyForm Material::key_form_for(std::string_view label) const {
  if (label.empty() || label == "PRIVATE KEY") return KeyForm::pkcs8;
  return key_label(key().to_pem_traditional().reveal()) == label ? KeyForm::traditional : KeyForm::pkcs8;
}

}  // namespace certctl::crypto
