#include "framework/crypto/alt_name.hpp"

#include "framework/crypto/alt_name_text.hpp"
#include "framework/crypto/asn1_string.hpp"
#include "framework/crypto/der.hpp"
#include "framework/crypto/digest.hpp"
#include "framework/crypto/name.hpp"

#include <certctl/result.hpp>

#include <arpa/inet.h>

#include <array>

namespace certctl::crypto {
namespace {

// Tags of GeneralName, RFC 5280 §4.2.1.6.
constexpr std::uint8_t kOtherName = 0xA0;
constexpr std::uint8_t kEmail = 0x81;
constexpr std::uint8_t kDns = 0x82;
constexpr std::uint8_t kDirectory = 0xA4;
constexpr std::uint8_t kUri = 0x86;
constexpr std::uint8_t kIp = 0x87;
constexpr std::uint8_t kRid = 0x88;

Bytes ip_octets(const std::string& text) {
  std::array<std::uint8_t, 16> octets{};
  if (inet_pton(AF_INET, text.c_str(), octets.data()) == 1) return Bytes(octets.begin(), octets.begin() + 4);
  if (inet_pton(AF_INET6, text.c_str(), octets.data()) == 1) return Bytes(octets.begin(), octets.end());
  throw Failure::never("san-invalid", "'" + display_text(text) + "' is no IP address");
}

std::string ip_text(BytesView octets) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = octets.size() == 4 ? AF_INET : AF_INET6;
  if ((octets.size() == 4 || octets.size() == 16) &&
      inet_ntop(family, octets.data(), text.data(), static_cast<socklen_t>(text.size())) != nullptr)
    return text.data();
  return "#" + hex_lower(octets);  // not an address: shown, and equal to no name that can be asked for
}

Bytes oid_content(std::string_view dotted) {
  const Bytes oid = der_oid(dotted);
  const BerElement element = read_whole(oid, kTagOid, "object identifier");
  return Bytes(element.content.begin(), element.content.end());
}

Bytes other_name_der(const AltName& name) {
  const OtherName parts = split_other_name(name.value);
  const Bytes text = der_element(parts.tag, bytes_of(parts.text));
  const Bytes value = der_element(0xA0, text);
  Bytes content = der_oid(parts.oid);
  content.insert(content.end(), value.begin(), value.end());
  return der_element(kOtherName, content);
}

Bytes alt_name_der(const AltName& name) {
  switch (name.kind) {
    case AltNameKind::email: return der_element(kEmail, bytes_of(name.value));
    case AltNameKind::uri: return der_element(kUri, bytes_of(name.value));
    case AltNameKind::dns: return der_element(kDns, bytes_of(name.value));
    case AltNameKind::rid: return der_element(kRid, oid_content(name.value));
    case AltNameKind::ip: return der_element(kIp, ip_octets(name.value));
    case AltNameKind::dir_name: return der_element(kDirectory, name_der(parse_subject(name.value)));
    case AltNameKind::other_name: return other_name_der(name);
  }
  throw Failure::never("internal", "unknown kind of alternative name");
}

std::string other_name_text(const BerElement& element) {
  BerReader reader(element);
  const std::string oid = oid_text(reader.expect(kTagOid, "type of an otherName").content);
  BerReader wrapper(reader.expect(0xA0, "value of an otherName"));
  const BerElement value = wrapper.next();
  wrapper.finish("value of an otherName");
  reader.finish("otherName");
  const std::string_view tag = other_name_tag(value.identifier);
  auto text = string_to_utf8(value.identifier, value.content);
  if (!tag.empty() && text) return oid + ";" + std::string(tag) + ":" + *text;
  return oid + ";DER:" + hex_lower(value.whole);
}

}  // namespace

Bytes alt_names_der(const std::vector<AltName>& names) {
  Bytes content;
  for (const AltName& name : names) {
    validate_alt_name(name);
    const Bytes one = alt_name_der(name);
    content.insert(content.end(), one.begin(), one.end());
  }
  return der_element(kTagSequence, content);
}

std::vector<AltName> alt_names_from_der(BytesView der) {
  std::vector<AltName> names;
  BerReader reader(read_whole(der, kTagSequence, "alternative names"));
  while (!reader.done()) {
    const BerElement element = reader.next();
    const auto text = [&] { return std::string(element.content.begin(), element.content.end()); };
    switch (element.identifier) {
      case kEmail: names.push_back({AltNameKind::email, text()}); break;
      case kUri: names.push_back({AltNameKind::uri, text()}); break;
      case kDns: names.push_back({AltNameKind::dns, text()}); break;
      case kRid: names.push_back({AltNameKind::rid, oid_text(element.content)}); break;
      case kIp: names.push_back({AltNameKind::ip, ip_text(element.content)}); break;
      case kDirectory:
        names.push_back({AltNameKind::dir_name, subject_slash_text(name_attributes(element.content))});
        break;
      case kOtherName: names.push_back({AltNameKind::other_name, other_name_text(element)}); break;
      default: break;  // x400Address, ediPartyName
    }
  }
  return names;
}

}  // namespace certctl::crypto
