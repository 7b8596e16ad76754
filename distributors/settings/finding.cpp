#include "distributors/settings/finding.hpp"

#include "framework/crypto/certificate.hpp"
#include "framework/crypto/key.hpp"

#include <certctl/result.hpp>

#include <string>
#include <vector>

namespace certctl::settings {
namespace {

// One value as it can be shown and compared.
struct Seen {
  enum class State { nothing, readable, unreadable } state = State::nothing;
  std::string shown;   // fingerprints; of a value that is no PEM, what it is instead
  std::string serial;  // of a certificate
};

std::string fingerprints(const std::vector<crypto::Certificate>& certificates) {
  std::string all;
  for (const auto& certificate : certificates) all += (all.empty() ? "" : ", ") + certificate.fingerprint();
  return all.empty() ? "nothing" : all;
}

std::string shown_key(const crypto::Key& key) {
  return "public key sha256:" + key.public_fingerprint();
}

Seen look(std::string_view raw, Kind kind, EncodingChoice encoding) {
  Seen seen;
  const Decoded decoded = decode(raw);
  if (decoded.content == Content::empty) {
    seen.shown = "nothing";
    return seen;
  }
  seen.state = Seen::State::readable;
  if (decoded.content == Content::other) {
    seen.shown = "something that is no PEM";
    // Whoever names the encoding has decided that it goes.
    if (encoding == EncodingChoice::automatic) seen.state = Seen::State::unreadable;
    return seen;
  }
  try {
    switch (kind) {
      case Kind::pkey: seen.shown = shown_key(crypto::Key::from_pem(decoded.pem)); break;
      case Kind::cert: {
        const auto certificate = crypto::Certificate::from_pem(decoded.pem.reveal());
        seen.serial = certificate.serial();
        seen.shown = certificate.fingerprint();
        break;
      }
      case Kind::chain:
      case Kind::ca: seen.shown = fingerprints(crypto::Certificate::all_from_pem(decoded.pem.reveal())); break;
    }
  } catch (const Failure& failure) {
    seen.shown = "PEM that cannot be used";
  }
  return seen;
}

std::string wanted_text(const Material& material, Kind kind) {
  switch (kind) {
    case Kind::pkey: return shown_key(material.key());
    case Kind::cert: return material.certificate().fingerprint();
    case Kind::chain: return fingerprints(material.chain());
    case Kind::ca: return fingerprints(material.authorities());
  }
  return {};
}

}  // namespace

void find(const Document& document, const Target& target, const Material* material, Inspection& inspection) {
  bool anything = false;
  bool all_same = material != nullptr;
  std::vector<std::string> problems;
  for (const Wanted& wanted : target.wanted) {
    const auto found = document.find(wanted.name);
    const std::string to = material == nullptr ? std::string() : wanted_text(*material, wanted.kind);
    if (found.empty()) {
      all_same = false;
      if (target.options.missing == Missing::refuse) problems.push_back(wanted.name + " is not in the file");
      if (material != nullptr) inspection.diff.push_back(wanted.name + ": not there -> " + to);
    }
    for (const Assignment* assignment : found) {
      const Seen seen = look(document.raw(*assignment), wanted.kind, target.options.encoding);
      const std::string where = wanted.name + " (line " + std::to_string(assignment->line) + ")";
      if (seen.state == Seen::State::unreadable) problems.push_back(where + ": cannot tell how its value is encoded");
      if (assignment->unterminated) problems.push_back(where + ": a quote never ends");
      // An empty chain is what a credential without one gives.
      anything = anything || seen.state != Seen::State::nothing;
      if (inspection.serial.empty()) inspection.serial = seen.serial;
      if (material != nullptr && seen.shown != to) {
        all_same = false;
        inspection.diff.push_back(wanted.name + ": " + seen.shown + " -> " + to);
      }
    }
  }
  if (!problems.empty()) {
    inspection.present = Present::unreadable;
    for (const auto& problem : problems) inspection.detail += (inspection.detail.empty() ? "" : "; ") + problem;
  } else if (all_same) {
    inspection.present = Present::this_one;
    inspection.detail = "holds this certificate";
  } else if (!anything) {
    inspection.present = Present::none;
    inspection.detail = "holds no certificate";
  } else {
    inspection.present = Present::other;
    inspection.detail = inspection.serial.empty() ? "holds something else" : "holds serial " + inspection.serial;
    if (material != nullptr && inspection.serial == material->certificate().serial())
      inspection.detail = "holds this certificate only in part";
  }
  if (inspection.present != Present::other) inspection.serial.clear();
}

}  // namespace certctl::settings
