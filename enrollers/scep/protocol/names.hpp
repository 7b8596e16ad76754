// The two small structures that name a certificate or a request inside SCEP messages.
#pragma once

#include "framework/crypto/ber.hpp"

#include <certctl/types.hpp>

namespace certctl::scep {

// RFC 8894 §3.3.4: content of GetCert and GetCRL, CMS IssuerAndSerialNumber.
struct IssuerAndSerial {
  Bytes issuer_der;  // DER of the Name
  Bytes serial;      // content octets of the INTEGER
};
// RFC 8894 §3.3.3: content of CertPoll.
struct IssuerAndSubject {
  Bytes issuer_der;
  Bytes subject_der;
};

Bytes encode(const IssuerAndSerial& names);
Bytes encode(const IssuerAndSubject& names);
// Fail with "malformed-message".
IssuerAndSerial decode_issuer_and_serial(crypto::BytesView content);
IssuerAndSubject decode_issuer_and_subject(crypto::BytesView content);

}  // namespace certctl::scep
