// Requests: PKCSReq, RenewalReq, CertPoll, GetCert, GetCRL. A client builds them, a server parses them.
#pragma once

#include "enrollers/scep/protocol/algorithms.hpp"
#include "enrollers/scep/protocol/attributes.hpp"
#include "enrollers/scep/protocol/names.hpp"
#include "framework/crypto/certificate.hpp"
#include "framework/crypto/csr.hpp"

#include <certctl/types.hpp>

#include <optional>
#include <span>
#include <string>
#include <vector>

struct evp_pkey_st;

namespace certctl::scep {

// --- client ---

struct RequestSpec {
  MessageType type = MessageType::pkcs_req;
  std::string transaction_id;
  Bytes sender_nonce;                              // fresh_nonce() for each message
  Bytes content;                                   // DER: PKCS #10, IssuerAndSubject or IssuerAndSerial
  const crypto::Certificate* signer = nullptr;     // self-signed or the certificate in service; goes into the message
  evp_pkey_st* signer_key = nullptr;               // its key
  const crypto::Certificate* recipient = nullptr;  // of the CA or RA
  Secret password;                                 // used only when the recipient's key cannot encrypt (RFC 8894 §3.1)
  crypto::ContentCipher cipher = crypto::ContentCipher::aes128_cbc;
  crypto::KeyTransport key_transport = crypto::KeyTransport::pkcs1;
  crypto::Digest digest = crypto::Digest::sha256;
  std::optional<TimePoint> signing_time;  // absent: left out (the clock is not trusted)
};

// DER of the pkiMessage. Fails with "algorithm-refused" when the recipient's key cannot encrypt and there is no
// password, or as sign_message() and encrypt_envelope() do.
Bytes build_request(const RequestSpec& spec);

// --- server ---

// A certificate and key to which clients encrypt.
struct DecryptionIdentity {
  const crypto::Certificate* certificate = nullptr;
  evp_pkey_st* key = nullptr;
};

struct ReceivePolicy {
  bool allow_legacy = false;  // requests in single DES, or signed with MD5
  Secret password;  // for envelopes encrypted with the challenge password (a CA without RSA key); may be empty
};

// What arrived, as far as it could be read, and what is wrong with it. A server answers `problem` with a CertRep
// FAILURE that carries transaction ID and nonce; when these are absent it answers all the same (empty ID).
struct ReceivedRequest {
  MessageAttributes attributes;
  std::optional<MessageType> type;                 // of `attributes.message_type`; 3 (CertRep) is a problem
  std::vector<crypto::Certificate> certificates;   // all in the message
  std::optional<crypto::Certificate> signer;       // the one that verified, or is named as signer when it did not
  bool signer_self_issued = false;                 // subject equals issuer
  crypto::Digest digest = crypto::Digest::sha256;  // answer with the same …
  std::optional<crypto::ContentCipher> cipher;     // … this …
  crypto::KeyTransport key_transport = crypto::KeyTransport::pkcs1;  // … and this (OAEP: by its default parameters)
  std::optional<crypto::Certificate> recipient;                      // to which of our certificates it was encrypted
  std::optional<std::string> signing_time;                           // as sent
  Bytes content;                                                     // the decrypted messageData
  std::optional<crypto::Csr> csr;         // PKCSReq, RenewalReq; its own signature has been verified
  std::optional<IssuerAndSubject> poll;   // CertPoll
  std::optional<IssuerAndSerial> wanted;  // GetCert, GetCRL
  std::optional<FailInfo> problem;        // nothing: all that a server can check without its records is fine
  std::string problem_text;               // for people and failInfoText
};

// Reads a request. Throws "malformed-message" only when the bytes are no pkiMessage at all (HTTP 400).
// The signature is verified with the certificate inside the message: it says who sent the request, and authenticates
// nobody (RFC 8894 §2.4, SCEP-023).
ReceivedRequest parse_request(crypto::BytesView bytes, std::span<const DecryptionIdentity> identities,
                              const ReceivePolicy& policy);

}  // namespace certctl::scep
