#include "enrollers/scep/protocol/names.hpp"

#include "framework/crypto/der.hpp"

namespace certctl::scep {
namespace {

Bytes copy(crypto::BytesView bytes) {
  return {bytes.begin(), bytes.end()};
}

}  // namespace

// SCEP-120
Bytes encode(const IssuerAndSerial& names) {
  const Bytes serial = crypto::der_element(crypto::kTagInteger, names.serial);
  return crypto::der_sequence({names.issuer_der, serial});
}

// SCEP-118
Bytes encode(const IssuerAndSubject& names) {
  return crypto::der_sequence({names.issuer_der, names.subject_der});
}

IssuerAndSerial decode_issuer_and_serial(crypto::BytesView content) {
  crypto::BerReader reader(crypto::read_whole(content, crypto::kTagSequence, "issuer and serial number"));
  IssuerAndSerial names;
  names.issuer_der = copy(reader.expect(crypto::kTagSequence, "issuer").whole);
  names.serial = copy(reader.expect(crypto::kTagInteger, "serial number").content);
  reader.finish("issuer and serial number");
  return names;
}

IssuerAndSubject decode_issuer_and_subject(crypto::BytesView content) {
  crypto::BerReader reader(crypto::read_whole(content, crypto::kTagSequence, "issuer and subject"));
  IssuerAndSubject names;
  names.issuer_der = copy(reader.expect(crypto::kTagSequence, "issuer").whole);
  names.subject_der = copy(reader.expect(crypto::kTagSequence, "subject").whole);
  reader.finish("issuer and subject");
  return names;
}

}  // namespace certctl::scep
