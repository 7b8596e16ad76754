#include "framework/crypto/cms.hpp"

#include <certctl/result.hpp>

#include <array>

namespace certctl::crypto {
namespace {

struct DigestRow {
  Digest digest;
  std::string_view name;
  std::string_view oid;
};
constexpr std::array<DigestRow, 6> kDigests{{
    {Digest::md5, "MD5", "1.2.840.113549.2.5"},
    {Digest::sha1, "SHA-1", "1.3.14.3.2.26"},
    {Digest::sha224, "SHA-224", "2.16.840.1.101.3.4.2.4"},
    {Digest::sha256, "SHA-256", "2.16.840.1.101.3.4.2.1"},
    {Digest::sha384, "SHA-384", "2.16.840.1.101.3.4.2.2"},
    {Digest::sha512, "SHA-512", "2.16.840.1.101.3.4.2.3"},
}};

}  // namespace

DerKind sniff_der(BytesView bytes) noexcept {
  if (bytes.size() < 4 || bytes[0] != kTagSequence) return DerKind::other;
  const std::size_t header = bytes[1] <= 0x80U ? 2 : 2U + (bytes[1] & 0x7FU);
  if (header >= bytes.size()) return DerKind::other;
  if (bytes[header] == kTagSequence) return DerKind::certificate;
  return bytes[header] == kTagOid ? DerKind::cms : DerKind::other;
}

BerElement open_cms(BytesView bytes, std::string_view content_type_oid, std::string_view what) {
  if (bytes.size() > kMaxCmsBytes) malformed(std::string(what) + " is too large");
  BerReader outer(read_whole(bytes, kTagSequence, what));
  const std::string type = oid_text(outer.expect(kTagOid, "content type").content);
  if (type != content_type_oid) malformed(std::string(what) + " has the content type " + type);
  BerReader content(outer.expect(0xA0, what));
  outer.finish(what);
  const BerElement inner = content.expect(kTagSequence, what);
  content.finish(what);
  return inner;
}

std::string_view name_of(Digest digest) {
  for (const DigestRow& row : kDigests)
    if (row.digest == digest) return row.name;
  return "unknown";
}

std::string_view digest_oid(Digest digest) {
  for (const DigestRow& row : kDigests)
    if (row.digest == digest) return row.oid;
  return "";
}

std::optional<Digest> digest_from_oid(std::string_view oid) {
  for (const DigestRow& row : kDigests)
    if (row.oid == oid) return row.digest;
  return std::nullopt;
}

}  // namespace certctl::crypto
