#include "enrollers/acme/names.hpp"

#include "framework/crypto/alt_name.hpp"

#include <certctl/result.hpp>

#include <algorithm>

namespace certctl::acme {
namespace {

[[noreturn]] void refuse(const std::string& what, const std::string& hint) {
  throw Failure::never("name-not-carried", what, hint);
}

// Nothing for a common name that is no name.
std::optional<Identifier> identifier_of_name(const std::string& common_name) {
  for (const auto& [kind, type] : {std::pair(AltNameKind::ip, "ip"), std::pair(AltNameKind::dns, "dns")}) {
    try {
      crypto::validate_alt_name({kind, common_name});
    } catch (const Failure&) {
      continue;
    }
    return Identifier{type, lower_case(common_name)};
  }
  return std::nullopt;
}

}  // namespace

std::string lower_case(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

AltName alt_name_of(const Identifier& identifier) {
  return {identifier.type == "ip" ? AltNameKind::ip : AltNameKind::dns, identifier.value};
}

bool same_identifier(const Identifier& left, const Identifier& right) {
  if (left.type != right.type) return false;
  if (left.value == right.value) return true;
  try {
    return left.type == "ip" &&
           crypto::alt_name_identity(alt_name_of(left)) == crypto::alt_name_identity(alt_name_of(right));
  } catch (const Failure&) {
    return false;
  }
}

// ACME-009, ACME-016
Carried carry(const CertificateRequest& wanted, bool drop_subject) {
  Carried carried;
  carried.request = wanted;
  // As the order says them, letter by letter: a server may compare them so.
  for (AltName& name : carried.request.alt_names)
    if (name.kind == AltNameKind::dns) name.value = lower_case(name.value);
  for (const AltName& name : carried.request.alt_names) {
    if (name.kind != AltNameKind::dns && name.kind != AltNameKind::ip)
      refuse("ACME certifies DNS names and IP addresses only, and not " + crypto::alt_name_text(name),
             "leave it out of `san`");
    carried.identifiers.push_back({name.kind == AltNameKind::ip ? "ip" : "dns", name.value});
  }
  std::vector<NameAttribute> subject;
  std::string left_out;
  for (const NameAttribute& attribute : wanted.subject) {
    const auto named = attribute.type == "CN" ? identifier_of_name(attribute.value) : std::nullopt;
    const bool known = named && std::any_of(carried.identifiers.begin(), carried.identifiers.end(),
                                            [&](const Identifier& one) { return same_identifier(one, *named); });
    if (named && carried.identifiers.empty()) {
      carried.identifiers.push_back(*named);
      carried.request.alt_names.push_back(alt_name_of(*named));
    } else if (!known) {
      left_out += (left_out.empty() ? "" : ", ") + attribute.type;
      continue;
    }
    subject.push_back({attribute.type, attribute.value, false});
  }
  if (!left_out.empty() && !drop_subject)
    refuse("ACME certifies names only: the subject has " + left_out + " beside them",
           "leave it out of `subject` (a CN must be one of the names of `san`), or set `drop_subject: true`");
  if (!left_out.empty()) carried.warnings.push_back("ACME certifies names only: left out of the subject: " + left_out);
  if (carried.identifiers.empty()) refuse("there is no name to certify", "write DNS names or IP addresses into `san`");
  if (subject.size() > 1) subject.resize(1);
  carried.request.subject = std::move(subject);
  std::sort(carried.identifiers.begin(), carried.identifiers.end());
  carried.identifiers.erase(std::unique(carried.identifiers.begin(), carried.identifiers.end()),
                            carried.identifiers.end());
  return carried;
}

}  // namespace certctl::acme
