#include "enrollers/scep/protocol/reply.hpp"

#include "enrollers/scep/protocol/display_text.hpp"
#include "framework/crypto/cms_enveloped.hpp"
#include "framework/crypto/cms_signed.hpp"

#include <certctl/result.hpp>

#include <algorithm>
#include <charconv>

namespace certctl::scep {
namespace {

[[noreturn]] void protocol_error(const std::string& what) {
  throw Failure("protocol-error", "the reply of the CA breaks the protocol: " + what,
                "report it to the operator of the CA");
}

std::string hresult_text(const std::optional<std::string>& decimal) {
  if (!decimal) return {};
  long long value = 0;
  const char* end = decimal->data() + decimal->size();
  const auto [at, error] = std::from_chars(decimal->data(), end, value);
  if (error != std::errc{} || at != end) return {};
  static constexpr char kDigits[] = "0123456789ABCDEF";
  const auto bits = static_cast<std::uint32_t>(value & 0xFFFFFFFFLL);
  std::string text = "0x";
  for (int shift = 28; shift >= 0; shift -= 4) text += kDigits[(bits >> static_cast<unsigned>(shift)) & 0xFU];
  return text;
}

bool has_content(const crypto::SignedMessage& message) {
  // NDES sends one zero octet where there is no content.
  return message.content_state() == crypto::SignedMessage::Content::present &&
         !(message.content().size() == 1 && message.content()[0] == 0);
}

void check_identity(const MessageAttributes& attributes, const ReplyExpectation& expected) {
  if (attributes.transaction_id != expected.transaction_id)
    throw Failure(
        "wrong-transaction",
        "the reply belongs to another transaction: " +
            (attributes.transaction_id ? display_line(*attributes.transaction_id) : std::string("no transaction ID")),
        "somebody may be replaying old replies, or the server mixes up its clients");
  if (expected.ignore_nonce) return;
  if (!attributes.recipient_nonce)
    throw Failure("wrong-nonce", "the reply has no recipientNonce",
                  "if this server never sends one, set `ignore_nonce: true`");
  // SCEP-093; the server's own nonce is not looked at (SCEP-094).
  if (*attributes.recipient_nonce != expected.sender_nonce)
    throw Failure("wrong-nonce", "the reply has a recipientNonce that is not the nonce of our request",
                  "somebody may be replaying old replies; if this server is known for it, set `ignore_nonce: true`");
}

}  // namespace

// SCEP-102: whether there is a way back.
bool can_answer(const crypto::Certificate& recipient, const Secret& password) {
  return recipient.key_type() == crypto::PublicKeyType::rsa || !password.empty();
}

// SCEP-060, SCEP-081, SCEP-086
Bytes build_reply(const ReplySpec& spec) {
  const ReplyFaults& faults = spec.faults;
  MessageAttributes attributes;
  attributes.message_type = faults.message_type.value_or(digits_of(MessageType::cert_rep));
  attributes.pki_status = faults.pki_status.value_or(digits_of(spec.status));
  if (!faults.omit_transaction_id) attributes.transaction_id = spec.transaction_id;
  if (faults.wrong_transaction_id) attributes.transaction_id = fresh_transaction_id();
  if (!faults.omit_recipient_nonce && !spec.recipient_nonce.empty()) attributes.recipient_nonce = spec.recipient_nonce;
  if (faults.wrong_recipient_nonce) attributes.recipient_nonce = fresh_nonce();
  if (!faults.omit_sender_nonce) attributes.sender_nonce = fresh_nonce();
  if (faults.sender_nonce_is_recipient_nonce) attributes.sender_nonce = spec.recipient_nonce;
  std::optional<crypto::BytesView> content;
  Bytes envelope;
  if (spec.status == PkiStatus::success) {
    // SCEP-101
    envelope = spec.recipient->key_type() == crypto::PublicKeyType::rsa
                   ? crypto::encrypt_envelope(spec.content, *spec.recipient, spec.cipher, spec.key_transport)
                   : crypto::encrypt_envelope_with_password(spec.content, spec.password, spec.cipher);
    if (faults.content) envelope = *faults.content;
    content = envelope;
  } else {
    // SCEP-061, SCEP-115, SCEP-117: no envelope. SCEP-088, SCEP-116: why.
    if (spec.status == PkiStatus::failure) {
      attributes.fail_info = faults.fail_info.value_or(digits_of(spec.fail_info));
      if (!spec.fail_info_text.empty()) attributes.fail_info_text = spec.fail_info_text;
      attributes.hresult = spec.hresult;
    }
    if (spec.no_content == NoContent::zero_byte) envelope = {0};
    if (spec.no_content != NoContent::absent) content = envelope;
  }
  crypto::SignOptions options;
  options.digest = spec.digest;
  options.attributes = write_attributes(attributes);
  options.attributes.insert(options.attributes.end(), faults.more_attributes.begin(), faults.more_attributes.end());
  if (!faults.omit_signing_time) options.signing_time = spec.signing_time;
  options.include_signer = !faults.omit_signer_certificate;
  options.more_certificates = spec.more_certificates;
  options.combined_signature_oid = faults.combined_signature_oid;
  options.omit_content_type = faults.omit_content_type;
  options.omit_message_digest = faults.omit_message_digest;
  options.wrong_content_type = faults.wrong_content_type;
  options.wrong_message_digest = faults.wrong_message_digest;
  options.attributes_unsigned = faults.attributes_unsigned;
  options.absent_parameters = faults.absent_parameters;
  options.corrupt_signature = faults.corrupt_signature;
  return crypto::sign_message(content, *spec.signer, spec.signer_key, options);
}

bool looks_like_message(crypto::BytesView body) noexcept {
  try {
    crypto::open_cms(body, crypto::kOidCmsSigned, "message");
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

Reply read_reply(crypto::BytesView body, const ReplyExpectation& expected) {
  const crypto::SignedMessage message = crypto::SignedMessage::parse(body);
  Reply reply;
  // SCEP-069: by those that are known, not by what is inside.
  reply.signer = expected.signers[message.verify(expected.signers)];
  // After the signature: nobody but the CA can make a client give up for its algorithms.
  if (auto warning = judge_reply_digest(message.digest_oid(), expected.legacy)) reply.warnings.push_back(*warning);
  reply.certificates = message.certificates();

  const MessageAttributes attributes = read_attributes(message);
  if (!attributes.message_type || message_type_from(*attributes.message_type) != MessageType::cert_rep)
    protocol_error("messageType is " + display_line(attributes.message_type.value_or("absent")) + ", not 3 (CertRep)");
  check_identity(attributes, expected);
  // SCEP-087
  const auto status = attributes.pki_status ? pki_status_from(*attributes.pki_status) : std::nullopt;
  if (!status) protocol_error("pkiStatus is " + display_line(attributes.pki_status.value_or("absent")));
  reply.status = *status;
  // SCEP-062
  if (message.content_type() != kOidData) protocol_error("the content type is " + message.content_type());
  if (*status == PkiStatus::failure) {
    reply.fail_info_text = display_line(attributes.fail_info_text.value_or(""));
    reply.hresult = hresult_text(attributes.hresult);
    // RFC 8894 §3.2.1.4, SCEP-089: an undefined failInfo is an error.
    reply.fail_info = attributes.fail_info ? fail_info_from(*attributes.fail_info) : std::nullopt;
    if (!reply.fail_info && !expected.undefined_fail_info)
      protocol_error("failInfo is " + display_line(attributes.fail_info.value_or("absent")) + " in a " +
                     describe_failure(reply));
  }
  if (*status == PkiStatus::success && expected.empty_success_is_pending && !has_content(message)) {
    reply.status = PkiStatus::pending;
    reply.warnings.emplace_back("SUCCESS without content is taken for PENDING");
  } else if (*status == PkiStatus::success) {
    // SCEP-063
    if (!has_content(message)) protocol_error("SUCCESS without content");
    reply.envelope = message.content();
  } else if (has_content(message)) {
    reply.warnings.push_back(std::string(name_of(*status)) + " with content, which is ignored");
  }
  return reply;
}

crypto::CertificateBag open_reply(Reply& reply, const ReplyKey& key, Legacy legacy) {
  const crypto::EnvelopeInfo info = crypto::inspect_envelope(reply.envelope);
  if (auto warning = judge_reply_cipher(info.cipher, legacy)) reply.warnings.push_back(*warning);
  const crypto::DecryptPolicy policy{legacy != Legacy::deny};
  // SCEP-102: as the reply says, not as the request was.
  const bool by_password = std::none_of(info.recipients.begin(), info.recipients.end(), [](const auto& recipient) {
    return recipient.kind == crypto::RecipientKind::key_transport;
  });
  Bytes content;
  if (by_password && !key.password.empty()) {
    content = crypto::decrypt_envelope_with_password(reply.envelope, key.password, policy);
  } else {
    content = crypto::decrypt_envelope(reply.envelope, *key.certificate, key.key, policy);
  }
  // SCEP-066
  return crypto::parse_certificates_only(content);
}

// SCEP-111, SCEP-112
crypto::Certificate find_issued(std::span<const crypto::Certificate> certificates, evp_pkey_st* key) {
  const crypto::Certificate* found = nullptr;
  for (const crypto::Certificate& certificate : certificates) {
    if (!certificate.carries(key)) continue;
    if (found != nullptr && found->der() != certificate.der())
      protocol_error("it holds several certificates for our key");
    found = &certificate;
  }
  if (found == nullptr)
    throw Failure("wrong-key",
                  certificates.empty() ? "the CA's reply holds no certificate"
                                       : "the CA's reply holds no certificate for our key",
                  "the transaction ID may belong to another request at the CA");
  return *found;
}

std::string describe_failure(const Reply& reply, std::string_view http_reason) {
  std::string text = "FAILURE";
  if (reply.fail_info)
    text += " " + std::string(name_of(*reply.fail_info)) + " (" + std::string(meaning_of(*reply.fail_info)) + ")";
  if (!reply.fail_info_text.empty()) text += ": \"" + reply.fail_info_text + "\"";
  if (!reply.hresult.empty()) text += ", error " + reply.hresult;
  const std::string reason = display_line(http_reason);
  if (!reason.empty() && reason != "OK" && reason != "Bad Request") text += ", HTTP: \"" + reason + "\"";
  return text;
}

}  // namespace certctl::scep
