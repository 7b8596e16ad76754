#include "enrollers/est/protocol/csr_attributes.hpp"

#include "framework/crypto/der.hpp"

#include <certctl/result.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace certctl::est {
namespace {

using crypto::BerReader;
using crypto::Digest;
using crypto::PublicKeyType;

constexpr std::string_view kRsa = "1.2.840.113549.1.1.1";
constexpr std::string_view kEc = "1.2.840.10045.2.1";
constexpr std::string_view kChallengePassword = "1.2.840.113549.1.9.7";
constexpr std::string_view kExtensionRequest = "1.2.840.113549.1.9.14";
constexpr std::size_t kMaxWishes = 200;
constexpr std::int64_t kMaxBits = 65'536;
constexpr std::uint8_t kTagBoolean = 0x01;

struct Named {
  std::string_view oid;
  std::string_view name;
};
constexpr std::array kCurves = {Named{"1.2.840.10045.3.1.7", "P-256"}, Named{"1.3.132.0.34", "P-384"},
                                Named{"1.3.132.0.35", "P-521"}};

struct SignatureOid {
  std::string_view oid;
  Digest digest;
};
// A signature algorithm says digest and key; the digest alone is written as its own OID.
constexpr std::array kSignatures = {
    SignatureOid{"1.2.840.10045.4.1", Digest::sha1},       SignatureOid{"1.2.840.10045.4.3.2", Digest::sha256},
    SignatureOid{"1.2.840.10045.4.3.3", Digest::sha384},   SignatureOid{"1.2.840.10045.4.3.4", Digest::sha512},
    SignatureOid{"1.2.840.113549.1.1.5", Digest::sha1},    SignatureOid{"1.2.840.113549.1.1.11", Digest::sha256},
    SignatureOid{"1.2.840.113549.1.1.12", Digest::sha384}, SignatureOid{"1.2.840.113549.1.1.13", Digest::sha512}};

std::optional<Digest> digest_of(const std::string& oid) {
  for (const SignatureOid& one : kSignatures)
    if (one.oid == oid) return one.digest;
  return crypto::digest_from_oid(oid);
}

std::string curve_of(const std::string& oid) {
  for (const Named& one : kCurves)
    if (one.oid == oid) return std::string(one.name);
  return oid;
}

void take_extensions(crypto::BytesView value, CsrAttributes& out) {
  BerReader list(crypto::read_whole(value, crypto::kTagSequence, "wished extensions"));
  while (!list.done()) {
    BerReader reader(list.expect(crypto::kTagSequence, "a wished extension"));
    crypto::RequestedExtension extension;
    extension.oid = crypto::oid_text(reader.expect(crypto::kTagOid, "the type of a wished extension").content);
    if (const auto critical = reader.accept(kTagBoolean))
      extension.critical = critical->content.size() == 1 && critical->content[0] != 0;
    extension.value = crypto::octets(reader.expect(crypto::kTagOctetString, "the value of a wished extension"));
    reader.finish("a wished extension");
    for (const crypto::RequestedExtension& known : out.extensions)
      if (known.oid == extension.oid) crypto::malformed("extension " + extension.oid + " is wished twice");
    if (out.extensions.size() == kMaxWishes) crypto::malformed("more wishes than are read");
    out.extensions.push_back(std::move(extension));
  }
}

void take_oid(const std::string& oid, CsrAttributes& out) {
  if (oid == kChallengePassword)
    out.channel_binding = true;
  else if (oid == kRsa)
    out.keys.push_back({PublicKeyType::rsa, 0, {}});
  else if (oid == kEc)
    out.keys.push_back({PublicKeyType::ec, 0, {}});
  else if (const auto digest = digest_of(oid))
    out.digests.push_back(*digest);
  else
    out.others.push_back(oid);
}

void take_attribute(const crypto::BerElement& attribute, CsrAttributes& out) {
  BerReader reader(attribute);
  const std::string type = crypto::oid_text(reader.expect(crypto::kTagOid, "the type of a wished attribute").content);
  BerReader values(reader.expect(crypto::kTagSet, "the values of a wished attribute"));
  reader.finish("a wished attribute");
  std::size_t count = 0;
  while (!values.done()) {
    const crypto::BerElement value = values.next();
    if (++count > kMaxWishes || out.keys.size() > kMaxWishes) crypto::malformed("more wishes than are read");
    if (type == kExtensionRequest && value.identifier == crypto::kTagSequence) {
      take_extensions(value.whole, out);
    } else if (type == kExtensionRequest && value.identifier == crypto::kTagOid) {
      out.others.push_back(crypto::oid_text(value.content));  // wished without a value, as in RFC 7030 §4.5.2
    } else if (type == kEc && value.identifier == crypto::kTagOid) {
      out.keys.push_back({PublicKeyType::ec, 0, curve_of(crypto::oid_text(value.content))});
    } else if (type == kRsa && value.identifier == crypto::kTagInteger) {
      const std::int64_t bits = crypto::small_integer(value.content);
      if (bits > kMaxBits) crypto::malformed("a key of " + std::to_string(bits) + " bits is wished");
      out.keys.push_back({PublicKeyType::rsa, static_cast<int>(bits), {}});
    } else {
      out.others.push_back(type);
      return;
    }
  }
  // RFC 7030 has at least one value; servers that mean "any" send none.
  if (count == 0) take_oid(type, out);
}

}  // namespace

std::string text_of(const KeyWish& wish) {
  if (wish.type == PublicKeyType::rsa) return wish.bits == 0 ? "rsa" : "rsa " + std::to_string(wish.bits);
  return wish.curve.empty() ? "ec" : "ec " + wish.curve;
}

bool fits(const KeyWish& wish, const crypto::Key& key) {
  if (wish.type != key.type()) return false;
  if (wish.type == PublicKeyType::rsa) return wish.bits == 0 || wish.bits == key.bits();
  return wish.curve.empty() || wish.curve == key.curve();
}

CsrAttributes parse_csr_attributes(crypto::BytesView der) {
  CsrAttributes out;
  if (der.empty()) return out;
  BerReader list(crypto::read_whole(der, crypto::kTagSequence, "CSR attributes"));
  std::size_t count = 0;
  while (!list.done()) {
    if (++count > kMaxWishes) crypto::malformed("more wishes than are read");
    const crypto::BerElement one = list.next();
    if (one.identifier == crypto::kTagOid)
      take_oid(crypto::oid_text(one.content), out);
    else if (one.identifier == crypto::kTagSequence)
      take_attribute(one, out);
    else
      crypto::malformed("CSR attributes: neither an identifier nor an attribute");
  }
  return out;
}

Bytes build_csr_attributes(const CsrAttributes& attributes) {
  Bytes content;
  const auto add = [&](const Bytes& der) { content.insert(content.end(), der.begin(), der.end()); };
  const auto attribute = [&](std::string_view oid, const Bytes& value) {
    const Bytes type = crypto::der_oid(oid);
    const Bytes values = crypto::der_set_of({value});
    add(crypto::der_sequence({type, values}));
  };
  if (attributes.channel_binding) add(crypto::der_oid(kChallengePassword));
  for (const KeyWish& wish : attributes.keys) {
    const bool rsa = wish.type == PublicKeyType::rsa;
    if (rsa && wish.bits != 0) {
      const auto bits = static_cast<unsigned>(wish.bits);
      const Bytes value{0, static_cast<std::uint8_t>(bits >> 16U), static_cast<std::uint8_t>(bits >> 8U & 0xFFU),
                        static_cast<std::uint8_t>(bits & 0xFFU)};
      attribute(kRsa, crypto::der_integer(value));
    } else if (!rsa && !wish.curve.empty()) {
      const auto* const named =
          std::find_if(kCurves.begin(), kCurves.end(), [&](const Named& one) { return one.name == wish.curve; });
      attribute(kEc, crypto::der_oid(named == kCurves.end() ? std::string_view(wish.curve) : named->oid));
    } else {
      add(crypto::der_oid(rsa ? kRsa : kEc));
    }
  }
  for (const Digest digest : attributes.digests) add(crypto::der_oid(crypto::digest_oid(digest)));
  Bytes extensions;
  for (const crypto::RequestedExtension& one : attributes.extensions) {
    static constexpr std::uint8_t kTrue[] = {kTagBoolean, 0x01, 0xFF};
    const Bytes type = crypto::der_oid(one.oid);
    const Bytes value = crypto::der_element(crypto::kTagOctetString, one.value);
    const Bytes whole =
        crypto::der_sequence({type, one.critical ? crypto::BytesView(kTrue) : crypto::BytesView(), value});
    extensions.insert(extensions.end(), whole.begin(), whole.end());
  }
  if (!extensions.empty()) attribute(kExtensionRequest, crypto::der_element(crypto::kTagSequence, extensions));
  for (const std::string& oid : attributes.others) add(crypto::der_oid(oid));
  return crypto::der_element(crypto::kTagSequence, content);
}

}  // namespace certctl::est
