// CertRep: a server builds it, a client parses, verifies and opens it.
#pragma once

#include "enrollers/scep/protocol/algorithms.hpp"
#include "enrollers/scep/protocol/attributes.hpp"
#include "framework/crypto/certificate.hpp"
#include "framework/crypto/cms_certificates.hpp"

#include <certctl/types.hpp>

#include <optional>
#include <span>
#include <string>
#include <vector>

struct evp_pkey_st;

namespace certctl::scep {

// --- server ---

// What stands in a FAILURE or PENDING where there is no content: implementations differ.
enum class NoContent : int { zero_length, absent, zero_byte };

// What real servers do differently, and what is wrong. All off: a proper reply.
struct ReplyFaults {
  bool omit_signer_certificate = false;
  bool combined_signature_oid = false;  // sha256WithRSAEncryption as signatureAlgorithm
  bool omit_content_type = false;
  bool omit_message_digest = false;
  bool omit_signing_time = false;
  bool omit_sender_nonce = false;
  bool omit_recipient_nonce = false;
  bool wrong_recipient_nonce = false;
  bool omit_transaction_id = false;
  bool wrong_transaction_id = false;
  bool corrupt_signature = false;
  bool wrong_content_type = false;
  bool wrong_message_digest = false;
  bool attributes_unsigned = false;
  bool absent_parameters = false;                        // OpenXPKI: signatureAlgorithm without NULL
  std::vector<crypto::SignedAttribute> more_attributes;  // beside the right ones
  std::optional<Bytes> content;                          // of SUCCESS, instead of the envelope
  bool sender_nonce_is_recipient_nonce = false;          // micromdm
  std::optional<std::string> message_type;               // digits instead of 3
  std::optional<std::string> pki_status;                 // digits instead of the status
  std::optional<std::string> fail_info;                  // digits instead of the reason
};

struct ReplySpec {
  PkiStatus status = PkiStatus::success;
  std::string transaction_id;
  Bytes recipient_nonce;  // the request's senderNonce; empty: attribute left out
  const crypto::Certificate* signer = nullptr;
  evp_pkey_st* signer_key = nullptr;
  std::vector<crypto::Certificate> more_certificates;  // in clear, beside the signer's
  crypto::Digest digest = crypto::Digest::sha256;
  std::optional<TimePoint> signing_time;
  // SUCCESS
  Bytes content;                                   // certificates-only SignedData: build_certificates_only()
  const crypto::Certificate* recipient = nullptr;  // the signer of the request
  Secret password;  // the challenge, when the recipient's key cannot encrypt (RFC 8894 §3.1)
  crypto::ContentCipher cipher = crypto::ContentCipher::aes128_cbc;
  crypto::KeyTransport key_transport = crypto::KeyTransport::pkcs1;
  // FAILURE
  FailInfo fail_info = FailInfo::bad_request;
  std::string fail_info_text;          // empty: attribute left out
  std::optional<std::string> hresult;  // Microsoft's attribute
  // FAILURE, PENDING
  NoContent no_content = NoContent::zero_length;  // what most clients accept
  ReplyFaults faults;
};

// DER of the pkiMessage. Fails with "algorithm-refused" when the recipient's key cannot encrypt and there is no
// password: find that out before issuing anything, with can_answer().
Bytes build_reply(const ReplySpec& spec);
[[nodiscard]] bool can_answer(const crypto::Certificate& recipient, const Secret& password);

// --- client ---

struct ReplyExpectation {
  std::string transaction_id;
  Bytes sender_nonce;  // of the request that this reply answers
  bool ignore_nonce = false;
  Legacy legacy = Legacy::receive;
  std::span<const crypto::Certificate> signers;  // who may sign: never taken from the message
  bool empty_success_is_pending = false;         // Dogtag sends SUCCESS without content while it waits
  bool undefined_fail_info = false;              // true: fail_info stays empty, and the caller says that it is an error
};

// A reply whose signature, transaction ID, nonce and status have been checked.
struct Reply {
  PkiStatus status = PkiStatus::failure;
  std::optional<crypto::Certificate> signer;  // set
  std::optional<FailInfo> fail_info;
  std::string fail_info_text;                     // UTF-8, may be empty
  std::string hresult;                            // Microsoft's error number as 0x…, may be empty
  Bytes envelope;                                 // SUCCESS
  std::vector<crypto::Certificate> certificates;  // outside the envelope: untrusted, of use for path building
  std::vector<std::string> warnings;
};

// Whether a body looks like a pkiMessage at all, whatever HTTP status and content type say. Never throws.
[[nodiscard]] bool looks_like_message(crypto::BytesView body) noexcept;

// Reads a reply and checks it. Failures: "malformed-message", "algorithm-refused", "signer-unknown",
// "signature-invalid", "wrong-transaction", "wrong-nonce", "protocol-error" (undefined status or failInfo, content
// where none may be, none where it must be).
Reply read_reply(crypto::BytesView body, const ReplyExpectation& expected);

// How to open the envelope of a SUCCESS.
struct ReplyKey {
  const crypto::Certificate* certificate = nullptr;  // that signed the request
  evp_pkey_st* key = nullptr;
  Secret password;  // accepted as an alternative when not empty: we sent an EC key and a challenge
};
// The certificates and CRLs inside. A single DES envelope adds a warning to `reply`.
crypto::CertificateBag open_reply(Reply& reply, const ReplyKey& key, Legacy legacy);

// The one certificate whose public key is `key` (RFC 8894 §3.3.2.1 says leaf; position means nothing). Fails with
// "wrong-key" when there is none, "protocol-error" when there are different ones.
crypto::Certificate find_issued(std::span<const crypto::Certificate> certificates, evp_pkey_st* key);

// One line for people: "FAILURE badRequest (the request is not permitted …): text of the server".
std::string describe_failure(const Reply& reply, std::string_view http_reason = {});

}  // namespace certctl::scep
