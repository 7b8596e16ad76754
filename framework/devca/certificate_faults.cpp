#include "framework/devca/certificate_faults.hpp"

#include "framework/crypto/der.hpp"
#include "framework/crypto/name.hpp"
#include "framework/devca/fault_sizes.hpp"
#include "framework/devca/hostile_text.hpp"

#include <array>
#include <string>

namespace certctl::devca {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr std::array<std::string_view, 29> kCertificateFaultNames = {
    "other-key",       "ca-true",         "expired",          "not-yet-valid",   "short",
    "repeated-serial", "extra-names",     "wildcard",         "no-names",        "wrong-subject",
    "unchained",       "old-certificate", "self-issued",      "year-9999",       "backwards",
    "no-validity",     "no-usages",       "many-names",       "hostile-subject", "hostile-san",
    "huge-oid",        "many-policies",   "name-constraints", "negative-serial", "zero-serial",
    "long-serial",     "no-subject",      "foreign-san",      "too-large"};

constexpr const char* kSubjectAltName = "2.5.29.17";

void set_alt_names(crypto::IssueSpec& spec, Bytes value) {
  spec.alt_names = std::vector<AltName>{};
  spec.more_extensions.push_back({kSubjectAltName, false, std::move(value)});
}

// One arc of an OBJECT IDENTIFIER, of very many octets.
Bytes huge_oid(std::size_t octets) {
  Bytes content{0x2B};
  content.insert(content.end(), octets, 0xFF);
  content.push_back(0x7F);
  return crypto::der_element(crypto::kTagOid, content);
}

Bytes many_policies() {
  Bytes all;
  for (int i = 0; i < kMany / 10; ++i) {
    const Bytes policy = crypto::der_sequence({crypto::der_oid("1.3.6.1.4.1.99999." + std::to_string(i))});
    all.insert(all.end(), policy.begin(), policy.end());
  }
  return crypto::der_sequence({all});
}

// RFC 5280 §4.2.1.10: so many permitted DNS trees that comparing all names with all of them takes long.
Bytes many_constraints() {
  Bytes all;
  for (int i = 0; i < kMany / 5; ++i) {
    const Bytes base = crypto::der_element(0x82, crypto::bytes_of(std::to_string(i) + ".example"));
    const Bytes subtree = crypto::der_sequence({base});
    all.insert(all.end(), subtree.begin(), subtree.end());
  }
  const Bytes permitted = crypto::der_element(0xA0, all);
  return crypto::der_sequence({permitted});
}

void spoil_validity(Faults& faults, TimePoint now, crypto::IssueSpec& spec) {
  const auto lifetime = spec.not_after - now;
  if (faults.hit("short")) spec.not_after = now + seconds{60};
  if (faults.hit("expired")) {
    spec.not_before = now - hours{48};
    spec.not_after = now - hours{24};
  }
  if (faults.hit("not-yet-valid")) {
    spec.not_before = now + hours{24};
    spec.not_after = spec.not_before + lifetime;
  }
  if (faults.hit("backwards")) {
    spec.not_after = now - hours{24};
    spec.not_before = now + hours{24};
  }
  if (faults.hit("no-validity")) spec.not_before = spec.not_after = now - seconds{1};
  if (faults.hit("year-9999")) spec.not_after_text = "99991231235959Z";
}

void spoil_names(Faults& faults, const crypto::Csr& csr, crypto::IssueSpec& spec) {
  std::vector<AltName> names = spec.alt_names.value_or(csr.alt_names());
  bool changed = false;
  const auto add = [&](const char* name) {
    names.push_back({AltNameKind::dns, name});
    changed = true;
  };
  if (faults.hit("no-names")) names.clear(), changed = true;
  if (faults.hit("extra-names")) add("extra.example.org");
  if (faults.hit("wildcard")) add("*.example.org");
  if (faults.hit("foreign-san")) names.clear(), add("somebody.else.example.org");
  if (changed) spec.alt_names = names;
  if (faults.hit("many-names")) {
    std::vector<std::string> texts;
    for (int i = 0; i < kMany; ++i) texts.push_back("n" + std::to_string(i) + ".example.org");
    set_alt_names(spec, dns_names_of(texts));
  }
  if (faults.hit("hostile-san")) set_alt_names(spec, dns_names_of(hostile_texts()));
  if (faults.hit("wrong-subject")) spec.subject_der = crypto::name_der({{"CN", "somebody else", false}});
  if (faults.hit("hostile-subject")) spec.subject_der = name_of_texts(hostile_texts());
  if (faults.hit("no-subject")) spec.subject_der = crypto::name_der({});
}

void spoil_serial(Faults& faults, crypto::IssueSpec& spec) {
  if (faults.hit("negative-serial")) spec.serial = {0x80, 0x01, 0x02};
  if (faults.hit("zero-serial")) spec.serial = {0x00};
  if (faults.hit("long-serial")) spec.serial = Bytes(200, 0x7B);
}

}  // namespace

std::span<const std::string_view> certificate_faults() {
  return kCertificateFaultNames;
}

void spoil_certificate(Faults& faults, const crypto::Csr& csr, TimePoint now, crypto::IssueSpec& spec) {
  spoil_validity(faults, now, spec);
  spoil_names(faults, csr, spec);
  spoil_serial(faults, spec);
  if (faults.hit("other-key")) spec.public_key = crypto::Key::generate(KeySpec{});
  if (faults.hit("no-usages")) {
    spec.usage = crypto::Usage{};
    spec.no_key_usage = true;
  }
  const auto extension = [&](const char* oid, Bytes value) {
    spec.more_extensions.push_back({oid, false, std::move(value)});
  };
  if (faults.hit("huge-oid")) extension("1.3.6.1.4.1.99999.1", huge_oid(100'000));
  if (faults.hit("many-policies")) extension("2.5.29.32", many_policies());
  if (faults.hit("name-constraints")) extension("2.5.29.30", many_constraints());
  if (faults.hit("too-large")) extension("1.3.6.1.4.1.99999.2", Bytes(1U << 20U, 0x05));
  if (faults.hit("ca-true")) spec.ca = true;
}

}  // namespace certctl::devca
