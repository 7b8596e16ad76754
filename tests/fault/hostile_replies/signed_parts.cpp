#include "tests/fault/hostile_replies/signed_parts.hpp"

#include "framework/crypto/cms.hpp"
#include "framework/crypto/der.hpp"

namespace certctl::hostile {
namespace {

using crypto::BerReader;

Bytes whole_of(const crypto::BerElement& element) {
  return {element.whole.begin(), element.whole.end()};
}

SignerParts signer_of(const crypto::BerElement& info) {
  BerReader parts(info);
  SignerParts signer;
  signer.version = whole_of(parts.next());
  signer.sid = whole_of(parts.next());
  signer.digest_algorithm = whole_of(parts.next());
  if (const auto attributes = parts.accept(0xA0)) signer.signed_attributes = whole_of(*attributes);
  signer.signature_algorithm = whole_of(parts.next());
  signer.signature = whole_of(parts.next());
  if (!parts.done()) signer.unsigned_attributes = whole_of(parts.next());
  return signer;
}

}  // namespace

Bytes SignerParts::der() const {
  return crypto::der_sequence(
      {version, sid, digest_algorithm, signed_attributes, signature_algorithm, signature, unsigned_attributes});
}

SignedParts SignedParts::of(const Bytes& message) {
  BerReader outer(crypto::open_cms(message, crypto::kOidCmsSigned, "reply"));
  SignedParts parts;
  parts.version = whole_of(outer.next());
  parts.digest_algorithms = whole_of(outer.next());
  parts.encapsulated = whole_of(outer.next());
  if (const auto certificates = outer.accept(0xA0)) parts.certificates = whole_of(*certificates);
  if (const auto lists = outer.accept(0xA1)) parts.lists = whole_of(*lists);
  BerReader signers(outer.next());
  while (!signers.done()) parts.signers.push_back(signer_of(signers.next()));
  return parts;
}

Bytes SignedParts::der() const {
  std::vector<Bytes> infos;
  infos.reserve(signers.size());
  for (const SignerParts& signer : signers) infos.push_back(signer.der());
  const Bytes set = crypto::der_set_of(std::move(infos));
  return content_info(crypto::kOidCmsSigned,
                      crypto::der_sequence({version, digest_algorithms, encapsulated, certificates, lists, set}));
}

Bytes bag_of(const std::vector<Bytes>& certificates) {
  Bytes all;
  for (const Bytes& certificate : certificates) all.insert(all.end(), certificate.begin(), certificate.end());
  static constexpr std::uint8_t kVersion[] = {1};
  const Bytes type = crypto::der_oid(crypto::kOidCmsData);
  SignedParts parts;
  parts.version = crypto::der_integer(kVersion);
  parts.digest_algorithms = crypto::der_set_of({});
  parts.encapsulated = crypto::der_sequence({type});
  parts.certificates = crypto::der_element(0xA0, all);
  return parts.der();
}

Bytes content_info(std::string_view type, const Bytes& content) {
  const Bytes oid = crypto::der_oid(type);
  const Bytes explicit_content = crypto::der_element(0xA0, content);
  return crypto::der_sequence({oid, explicit_content});
}

}  // namespace certctl::hostile
