#include "enrollers/scep/protocol/attributes.hpp"

#include "framework/crypto/asn1_string.hpp"
#include "framework/crypto/der.hpp"
#include "framework/crypto/random.hpp"

namespace certctl::scep {
namespace {

std::optional<std::string> text_attribute(const crypto::SignedMessage& message, std::string_view oid,
                                          std::string_view name) {
  const crypto::AttributeValue* value = message.attribute(oid);
  if (value == nullptr) return std::nullopt;
  auto text = text_of(*value);
  if (!text) crypto::malformed(std::string(name) + " is no text");
  return text;
}

std::optional<Bytes> octets_attribute(const crypto::SignedMessage& message, std::string_view oid,
                                      std::string_view name) {
  const crypto::AttributeValue* value = message.attribute(oid);
  if (value == nullptr) return std::nullopt;
  if (value->identifier != crypto::kTagOctetString) crypto::malformed(std::string(name) + " is no octet string");
  return value->content;
}

crypto::SignedAttribute string_attribute(std::string_view oid, std::uint8_t tag, std::string_view text) {
  return {std::string(oid), {{tag, Bytes(text.begin(), text.end())}}};
}

}  // namespace

std::optional<std::string> text_of(const crypto::AttributeValue& value) {
  return crypto::string_to_utf8(value.identifier, value.content);
}

// SCEP-080, SCEP-085
MessageAttributes read_attributes(const crypto::SignedMessage& message) {
  MessageAttributes attributes;
  attributes.message_type = text_attribute(message, kOidMessageType, "messageType");
  attributes.pki_status = text_attribute(message, kOidPkiStatus, "pkiStatus");
  attributes.fail_info = text_attribute(message, kOidFailInfo, "failInfo");
  attributes.transaction_id = text_attribute(message, kOidTransactionId, "transactionID");
  attributes.sender_nonce = octets_attribute(message, kOidSenderNonce, "senderNonce");
  attributes.recipient_nonce = octets_attribute(message, kOidRecipientNonce, "recipientNonce");
  // SCEP-090: words for people decide nothing; a strange one must not spoil the message.
  for (const std::string_view oid : {kOidFailInfoText, kOidFailInfoTextShort}) {
    if (const crypto::AttributeValue* value = message.attribute(oid); value != nullptr && !attributes.fail_info_text)
      attributes.fail_info_text = text_of(*value);
  }
  if (const crypto::AttributeValue* value = message.attribute(kOidMicrosoftHresult))
    attributes.hresult = text_of(*value);
  return attributes;
}

std::vector<crypto::SignedAttribute> write_attributes(const MessageAttributes& attributes) {
  std::vector<crypto::SignedAttribute> out;
  const auto text = [&](std::string_view oid, std::uint8_t tag, const std::optional<std::string>& value) {
    if (value) out.push_back(string_attribute(oid, tag, *value));
  };
  const auto octets = [&](std::string_view oid, const std::optional<Bytes>& value) {
    if (value) out.push_back({std::string(oid), {{crypto::kTagOctetString, *value}}});
  };
  text(kOidMessageType, crypto::kTagPrintableString, attributes.message_type);
  text(kOidPkiStatus, crypto::kTagPrintableString, attributes.pki_status);
  text(kOidFailInfo, crypto::kTagPrintableString, attributes.fail_info);
  text(kOidTransactionId, crypto::kTagPrintableString, attributes.transaction_id);
  octets(kOidSenderNonce, attributes.sender_nonce);
  octets(kOidRecipientNonce, attributes.recipient_nonce);
  text(kOidFailInfoText, crypto::kTagUtf8String, attributes.fail_info_text);
  text(kOidMicrosoftHresult, crypto::kTagPrintableString, attributes.hresult);
  return out;
}

// SCEP-091
Bytes fresh_nonce() {
  return crypto::random_bytes(16);
}
// SCEP-082
std::string fresh_transaction_id() {
  return crypto::hex_text(crypto::random_bytes(16));
}

}  // namespace certctl::scep
