#include "framework/crypto/usage.hpp"

#include "framework/crypto/certificate.hpp"
#include "framework/crypto/der.hpp"
#include "framework/crypto/display.hpp"
#include "framework/crypto/oid.hpp"
#include "framework/crypto/same_word.hpp"

#include <certctl/result.hpp>

#include <algorithm>
#include <array>

namespace certctl::crypto {
namespace {

struct KeyUsageName {
  std::string_view name;
  unsigned bit;
};
// In the order of the bits of RFC 5280 §4.2.1.3, then second names.
constexpr std::array kKeyUsages{
    KeyUsageName{"digitalSignature", kDigitalSignature},
    KeyUsageName{"nonRepudiation", kNonRepudiation},
    KeyUsageName{"keyEncipherment", kKeyEncipherment},
    KeyUsageName{"dataEncipherment", kDataEncipherment},
    KeyUsageName{"keyAgreement", kKeyAgreement},
    KeyUsageName{"keyCertSign", kKeyCertSign},
    KeyUsageName{"cRLSign", kCrlSign},
    KeyUsageName{"encipherOnly", kEncipherOnly},
    KeyUsageName{"decipherOnly", kDecipherOnly},
    KeyUsageName{"contentCommitment", kNonRepudiation},
};
constexpr std::size_t kKeyUsageBits = 9;

struct ExtendedUsageName {
  std::string_view name;
  std::string_view oid;
};
constexpr std::array kExtendedUsages{
    ExtendedUsageName{"serverAuth", "1.3.6.1.5.5.7.3.1"},
    ExtendedUsageName{"clientAuth", "1.3.6.1.5.5.7.3.2"},
    ExtendedUsageName{"codeSigning", "1.3.6.1.5.5.7.3.3"},
    ExtendedUsageName{"emailProtection", "1.3.6.1.5.5.7.3.4"},
    ExtendedUsageName{"ipsecEndSystem", "1.3.6.1.5.5.7.3.5"},
    ExtendedUsageName{"ipsecTunnel", "1.3.6.1.5.5.7.3.6"},
    ExtendedUsageName{"ipsecUser", "1.3.6.1.5.5.7.3.7"},
    ExtendedUsageName{"timeStamping", "1.3.6.1.5.5.7.3.8"},
    ExtendedUsageName{"OCSPSigning", "1.3.6.1.5.5.7.3.9"},
    ExtendedUsageName{"ipsecIKE", "1.3.6.1.5.5.7.3.17"},
    ExtendedUsageName{"ikeIntermediate", "1.3.6.1.5.5.8.2.2"},
    ExtendedUsageName{"secureShellClient", "1.3.6.1.5.5.7.3.21"},
    ExtendedUsageName{"secureShellServer", "1.3.6.1.5.5.7.3.22"},
    ExtendedUsageName{"cmcCA", "1.3.6.1.5.5.7.3.27"},
    ExtendedUsageName{"cmcRA", "1.3.6.1.5.5.7.3.28"},
    ExtendedUsageName{"anyExtendedKeyUsage", "2.5.29.37.0"},
    ExtendedUsageName{"pkInitClientAuth", "1.3.6.1.5.2.3.4"},
    ExtendedUsageName{"pkInitKDC", "1.3.6.1.5.2.3.5"},
    ExtendedUsageName{"msSmartcardLogin", "1.3.6.1.4.1.311.20.2.2"},
    ExtendedUsageName{"msEFS", "1.3.6.1.4.1.311.10.3.4"},
};
constexpr std::string_view kAnyExtendedUsage = "2.5.29.37.0";

}  // namespace

Usage parse_usage(const std::vector<std::string>& names) {
  Usage usage;
  for (const std::string& name : names) {
    const auto* bit = std::find_if(kKeyUsages.begin(), kKeyUsages.end(),
                                   [&](const KeyUsageName& row) { return same_word(row.name, name); });
    if (bit != kKeyUsages.end()) {
      usage.key_usage |= bit->bit;
      continue;
    }
    const auto* row = std::find_if(kExtendedUsages.begin(), kExtendedUsages.end(),
                                   [&](const ExtendedUsageName& known) { return same_word(known.name, name); });
    if (row == kExtendedUsages.end() && !is_oid(name))
      throw Failure::never("usage-unknown", "unknown key usage '" + display_text(name) + "'",
                           "use a name like digitalSignature, keyEncipherment, serverAuth, clientAuth, ipsecIKE, or a "
                           "dotted object identifier");
    const std::string oid = row == kExtendedUsages.end() ? name : std::string(row->oid);
    if (std::find(usage.extended.begin(), usage.extended.end(), oid) == usage.extended.end())
      usage.extended.push_back(oid);
  }
  return usage;
}

std::string extended_usage_name(std::string_view oid) {
  for (const ExtendedUsageName& row : kExtendedUsages)
    if (row.oid == oid) return std::string(row.name);
  return std::string(oid);
}

std::vector<std::string> usage_names(const Usage& usage) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < kKeyUsageBits; ++i)
    if ((usage.key_usage & kKeyUsages[i].bit) != 0) names.emplace_back(kKeyUsages[i].name);
  for (const std::string& oid : usage.extended) names.push_back(extended_usage_name(oid));
  return names;
}

Bytes key_usage_der(unsigned bits) {
  // A named bit list: trailing zero bits are removed (X.690 §11.2.2).
  std::uint8_t octets[2] = {static_cast<std::uint8_t>(bits & 0xFFU), static_cast<std::uint8_t>((bits >> 8U) & 0xFFU)};
  std::size_t size = octets[1] != 0 ? 2 : (octets[0] != 0 ? 1 : 0);
  std::uint8_t unused = 0;
  if (size != 0) {
    while (((octets[size - 1] >> unused) & 1U) == 0) ++unused;
  }
  Bytes content{unused};
  content.insert(content.end(), octets, octets + size);
  return der_element(0x03, content);
}

Bytes extended_usage_der(const std::vector<std::string>& oids) {
  Bytes content;
  for (const std::string& oid : oids) {
    const Bytes one = der_oid(oid);
    content.insert(content.end(), one.begin(), one.end());
  }
  return der_element(kTagSequence, content);
}

unsigned key_usage_from_der(BytesView der) {
  const BerElement element = read_whole(der, 0x03, "key usage");
  if (element.content.empty() || element.content[0] > 7) malformed("key usage");
  unsigned bits = 0;
  if (element.content.size() > 1) bits |= element.content[1];
  if (element.content.size() > 2) bits |= static_cast<unsigned>(element.content[2]) << 8U;
  return bits;
}

std::vector<std::string> extended_usage_from_der(BytesView der) {
  std::vector<std::string> oids;
  BerReader reader(read_whole(der, kTagSequence, "extended key usage"));
  while (!reader.done()) oids.push_back(oid_text(reader.expect(kTagOid, "extended key usage").content));
  return oids;
}

std::vector<std::string> missing_usages(const Certificate& certificate, const std::vector<std::string>& wanted) {
  const auto bits = certificate.key_usage();
  const auto extended = certificate.extended_usages();
  const auto has = [&](std::string_view oid) {
    return std::find(extended->begin(), extended->end(), oid) != extended->end();
  };
  std::vector<std::string> missing;
  for (const std::string& name : wanted) {
    const Usage usage = parse_usage({name});
    const bool lacks_bit = usage.key_usage != 0 && bits && (*bits & usage.key_usage) != usage.key_usage;
    const bool lacks_oid =
        !usage.extended.empty() && extended && !has(usage.extended.front()) && !has(kAnyExtendedUsage);
    if (lacks_bit || lacks_oid) missing.push_back(name);
  }
  return missing;
}

}  // namespace certctl::crypto
