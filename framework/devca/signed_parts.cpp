#include "framework/devca/signed_parts.hpp"

#include "framework/crypto/cms.hpp"
#include "framework/crypto/der.hpp"

namespace certctl::devca {
namespace {

Bytes bytes(crypto::BytesView view) {
  return {view.begin(), view.end()};
}

std::vector<Bytes> members(const crypto::BerElement& set) {
  std::vector<Bytes> all;
  crypto::BerReader reader(set);
  while (!reader.done()) all.push_back(bytes(reader.next().whole));
  return all;
}

}  // namespace

SignedParts take_apart(crypto::BytesView message) {
  crypto::BerReader reader(crypto::open_cms(message, crypto::kOidCmsSigned, "message"));
  SignedParts parts;
  parts.version = bytes(reader.expect(crypto::kTagInteger, "version").whole);
  parts.digests = members(reader.expect(crypto::kTagSet, "digest algorithms"));
  parts.content = bytes(reader.expect(crypto::kTagSequence, "content").whole);
  for (const std::uint8_t tag : {std::uint8_t{0xA0}, std::uint8_t{0xA1}})
    if (const auto element = reader.accept(tag))
      parts.certificates.insert(parts.certificates.end(), element->whole.begin(), element->whole.end());
  parts.signers = members(reader.expect(crypto::kTagSet, "signers"));
  return parts;
}

Bytes put_together(const SignedParts& parts) {
  const Bytes digests = crypto::der_set_of(parts.digests);
  const Bytes signers = crypto::der_set_of(parts.signers);
  const Bytes data = crypto::der_sequence({parts.version, digests, parts.content, parts.certificates, signers});
  const Bytes content = crypto::der_element(0xA0, data);
  return crypto::der_sequence({crypto::der_oid(crypto::kOidCmsSigned), content});
}

}  // namespace certctl::devca
