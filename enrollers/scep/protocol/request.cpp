#include "enrollers/scep/protocol/request.hpp"

#include "framework/crypto/der.hpp"

#include <certctl/result.hpp>

namespace certctl::scep {
namespace {

bool can_encrypt_to(const crypto::Certificate& certificate) {
  return certificate.key_type() == crypto::PublicKeyType::rsa;
}

void note(ReceivedRequest& request, FailInfo reason, std::string text) {
  if (request.problem) return;  // the first one is the cause
  request.problem = reason;
  request.problem_text = std::move(text);
}

std::string text_or(const std::optional<std::string>& text, std::string_view fallback) {
  return text ? *text : std::string(fallback);
}

void check_signature(ReceivedRequest& request, const crypto::SignedMessage& message) {
  try {
    request.signer = request.certificates[message.verify(request.certificates)];
    request.signer_self_issued = request.signer->subject_der() == request.signer->issuer_der();
  } catch (const Failure& failure) {
    note(request, FailInfo::bad_message_check, failure.error().message);
    for (const crypto::Certificate& certificate : request.certificates) {
      if (certificate.issuer_der() == message.signer().issuer_der &&
          certificate.serial_octets() == message.signer().serial)
        request.signer = certificate;
    }
  }
}

// SCEP-080, SCEP-084, SCEP-085
void check_attributes(ReceivedRequest& request) {
  const MessageAttributes& attributes = request.attributes;
  if (attributes.message_type) request.type = message_type_from(*attributes.message_type);
  if (!request.type || *request.type == MessageType::cert_rep)
    note(request, FailInfo::bad_request,
         "messageType " + text_or(attributes.message_type, "(absent)") + " is no request");
  if (!attributes.transaction_id || attributes.transaction_id->empty())
    note(request, FailInfo::bad_request, "transactionID is absent");
  if (!attributes.sender_nonce || attributes.sender_nonce->empty())
    note(request, FailInfo::bad_request, "senderNonce is absent");
}

// Finds the identity that one of the recipients names, whichever place it has.
void open_envelope(ReceivedRequest& request, const Bytes& envelope, std::span<const DecryptionIdentity> identities,
                   const ReceivePolicy& policy) {
  const crypto::EnvelopeInfo info = crypto::inspect_envelope(envelope);
  request.cipher = crypto::cipher_from_oid(info.cipher);
  const crypto::DecryptPolicy decrypt{policy.allow_legacy};
  std::optional<Failure> last;
  const auto attempt = [&](auto&& body) {
    try {
      request.content = body();
      return true;
    } catch (const Failure& failure) {
      if (!last || failure.error().code != "not-for-us") last = failure;
      return false;
    }
  };
  for (const crypto::EnvelopeRecipient& recipient : info.recipients)
    if (const auto transport = crypto::key_transport_from_oid(recipient.key_encryption))
      request.key_transport = *transport;
  for (const DecryptionIdentity& identity : identities)
    if (attempt([&] { return crypto::decrypt_envelope(envelope, *identity.certificate, identity.key, decrypt); })) {
      request.recipient = *identity.certificate;
      return;
    }
  if (!policy.password.empty() &&
      attempt([&] { return crypto::decrypt_envelope_with_password(envelope, policy.password, decrypt); }))
    return;
  if (last) throw *last;
  throw Failure("not-for-us", "the message is not encrypted to any of our certificates");
}

// SCEP-066
void decode_content(ReceivedRequest& request) {
  switch (*request.type) {
    case MessageType::pkcs_req:
    case MessageType::renewal_req:
      request.csr = crypto::Csr::from_der(request.content);
      // SCEP-204
      if (!request.csr->verify())
        note(request, FailInfo::bad_message_check, "the signature of the certification request does not verify");
      return;
    case MessageType::cert_poll: request.poll = decode_issuer_and_subject(request.content); return;
    case MessageType::get_cert:
    case MessageType::get_crl: request.wanted = decode_issuer_and_serial(request.content); return;
    case MessageType::cert_rep: return;
  }
}

}  // namespace

// SCEP-060: encrypted, then signed. SCEP-070: never in clear. SCEP-102: as the recipient's key wants it.
Bytes build_request(const RequestSpec& spec) {
  Bytes envelope;
  if (can_encrypt_to(*spec.recipient)) {
    envelope = crypto::encrypt_envelope(spec.content, *spec.recipient, spec.cipher, spec.key_transport);
  } else if (!spec.password.empty()) {
    envelope = crypto::encrypt_envelope_with_password(spec.content, spec.password, spec.cipher);
  } else {
    throw Failure::never("algorithm-refused",
                         "requests cannot be encrypted: the CA's key is no RSA key, and there is no challenge password",
                         "set `challenge`, or use a CA or RA with an RSA certificate");
  }
  MessageAttributes attributes;
  attributes.message_type = digits_of(spec.type);
  attributes.transaction_id = spec.transaction_id;
  attributes.sender_nonce = spec.sender_nonce;
  crypto::SignOptions options;
  options.digest = spec.digest;
  options.attributes = write_attributes(attributes);
  options.signing_time = spec.signing_time;
  // SCEP-016
  return crypto::sign_message(crypto::BytesView(envelope), *spec.signer, spec.signer_key, options);
}

ReceivedRequest parse_request(crypto::BytesView bytes, std::span<const DecryptionIdentity> identities,
                              const ReceivePolicy& policy) {
  const crypto::SignedMessage message = crypto::SignedMessage::parse(bytes);
  ReceivedRequest request;
  request.attributes = read_attributes(message);
  request.certificates = message.certificates();
  if (const crypto::AttributeValue* time = message.attribute(kOidSigningTime))
    request.signing_time = std::string(time->content.begin(), time->content.end());

  const auto digest = crypto::digest_from_oid(message.digest_oid());
  request.digest = digest.value_or(crypto::Digest::sha256);
  if (!digest) note(request, FailInfo::bad_alg, "the digest algorithm " + message.digest_oid() + " is not supported");
  if (digest == crypto::Digest::md5 && !policy.allow_legacy) {
    request.digest = crypto::Digest::sha1;
    note(request, FailInfo::bad_alg, "MD5 is not allowed");
  }
  check_signature(request, message);
  check_attributes(request);
  // SCEP-062, SCEP-063
  if (message.content_type() != kOidData)
    note(request, FailInfo::bad_request, "the content type of the message is " + message.content_type());
  if (message.content_state() != crypto::SignedMessage::Content::present)
    note(request, FailInfo::bad_request, "the message has no content");
  if (request.problem) return request;
  try {
    open_envelope(request, message.content(), identities, policy);
    decode_content(request);
  } catch (const Failure& failure) {
    note(request, failure.error().code == "algorithm-refused" ? FailInfo::bad_alg : FailInfo::bad_request,
         failure.error().message);
  }
  return request;
}

}  // namespace certctl::scep
