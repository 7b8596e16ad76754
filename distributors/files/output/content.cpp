#include "distributors/files/output/content.hpp"

#include "framework/crypto/certificate.hpp"
#include "framework/crypto/key.hpp"
#include "framework/crypto/pem.hpp"

#include <certctl/result.hpp>

namespace certctl::files {
namespace {

using crypto::KeyForm;
using Kind = crypto::PemKind;

std::string der_of(const Secret& pem) {
  const auto blocks = crypto::split_pem(pem.reveal());
  if (blocks.size() != 1) throw Failure::never("internal", "not one PEM block");
  Bytes der = crypto::pem_decode(blocks.front());
  std::string text(der.begin(), der.end());
  wipe(der.data(), der.size());
  return text;
}

crypto::BytesView bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

void look_at(const crypto::Certificate& certificate, Seen& seen) {
  if (seen.certificates.empty()) seen.serial = certificate.serial();
  seen.certificates.push_back(certificate.fingerprint());
}

// Fills nothing when it is no such thing.
template <class Read>
void try_to(Read&& read) {
  try {
    read();
  } catch (const Failure&) {
  }
}

}  // namespace

std::string part_word(Part part) {
  switch (part) {
    case Part::certificate: return "certificate";
    case Part::key: return "key";
    case Part::chain: return "chain";
    case Part::fullchain: return "fullchain";
    case Part::ca: return "ca";
    case Part::combined: return "combined";
  }
  return "";
}

std::optional<Secret> PartContent::make(const crypto::Material& material, std::string_view old) const {
  const KeyForm form = material.key_form_for(key_format_, holds_key() ? crypto::key_label(old) : "");
  const auto pem = [&](Kind kind) { return material.pem(kind, form); };
  switch (part_) {
    case Part::certificate: return der_ ? Secret(der_of(pem(Kind::cert))) : pem(Kind::cert);
    case Part::key: return der_ ? Secret(der_of(pem(Kind::pkey))) : pem(Kind::pkey);
    case Part::chain: return pem(Kind::chain);
    case Part::ca: return pem(Kind::ca);
    case Part::fullchain: return Secret(pem(Kind::cert).reveal() + pem(Kind::chain).reveal());
    case Part::combined: break;
  }
  // Postfix wants this order; all others take any.
  return Secret(pem(Kind::pkey).reveal() + pem(Kind::cert).reveal() + pem(Kind::chain).reveal());
}

Seen look(std::string_view content) {
  Seen seen;
  if (content.find("-----BEGIN ") != std::string_view::npos) {
    try_to([&] { seen.key = crypto::Key::from_pem(content).public_fingerprint(); });
    try_to([&] {
      for (const auto& certificate : crypto::Certificate::all_from_pem(content)) look_at(certificate, seen);
    });
  } else if (!content.empty()) {
    try_to([&] { look_at(crypto::Certificate::from_der(bytes(content)), seen); });
    for (const char* label : {"PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"}) {
      if (!seen.certificates.empty() || !seen.key.empty()) break;
      const Secret pem(crypto::pem_text(label, bytes(content)));
      try_to([&] { seen.key = crypto::Key::from_pem(pem).public_fingerprint(); });
    }
  }
  return seen;
}

std::string text_of(const Seen& seen) {
  std::string text;
  if (!seen.key.empty()) text = "public key sha256:" + seen.key;
  for (const auto& certificate : seen.certificates) text += (text.empty() ? "" : ", ") + certificate;
  return text.empty() ? "no key and no certificate" : text;
}

}  // namespace certctl::files
