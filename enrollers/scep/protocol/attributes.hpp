// The signed attributes of a pkiMessage (RFC 8894 §3.2.1), as values.
#pragma once

#include "enrollers/scep/protocol/words.hpp"
#include "framework/crypto/cms_signed.hpp"

#include <certctl/types.hpp>

#include <optional>
#include <string>
#include <vector>

namespace certctl::scep {

// What a message says of itself. An absent attribute is nullopt; what each message must have is checked elsewhere.
struct MessageAttributes {
  std::optional<std::string> message_type;    // digits as sent
  std::optional<std::string> pki_status;      // digits as sent
  std::optional<std::string> fail_info;       // digits as sent
  std::optional<std::string> fail_info_text;  // UTF-8; for people only (RFC 8894 §3.2.1.4)
  std::optional<std::string> transaction_id;
  std::optional<Bytes> sender_nonce;
  std::optional<Bytes> recipient_nonce;
  std::optional<std::string> hresult;  // Microsoft's error number, signed decimal as sent
};

// Fails with "malformed-message" when an attribute that matters occurs twice, has several values or a wrong type.
MessageAttributes read_attributes(const crypto::SignedMessage& message);
// In the string types of the RFC: PrintableString, OCTET STRING, UTF8String.
std::vector<crypto::SignedAttribute> write_attributes(const MessageAttributes& attributes);

// A string value as UTF-8: PrintableString, IA5String, UTF8String, T61String (Latin-1), BMPString, UniversalString.
// Nothing when it is another type or badly encoded.
std::optional<std::string> text_of(const crypto::AttributeValue& value);

// 16 fresh random octets (RFC 8894 §3.2.1.5).
Bytes fresh_nonce();
// 32 hexadecimal digits, random: what every known server takes as a transaction ID.
std::string fresh_transaction_id();

}  // namespace certctl::scep
