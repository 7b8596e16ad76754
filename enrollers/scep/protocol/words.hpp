// The numbers of SCEP and the words that people see for them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace certctl::scep {

// RFC 8894 §3.2.1.2. 18 (UpdateReq) lived in one draft only and is answered as undefined.
enum class MessageType : int {
  cert_rep = 3,
  renewal_req = 17,
  pkcs_req = 19,
  cert_poll = 20,
  get_cert = 21,
  get_crl = 22
};
// RFC 8894 §3.2.1.3
enum class PkiStatus : int { success = 0, failure = 2, pending = 3 };
// RFC 8894 §3.2.1.4
enum class FailInfo : int { bad_alg = 0, bad_message_check = 1, bad_request = 2, bad_time = 3, bad_cert_id = 4 };

// From the decimal text of the attribute; nothing when it is not one of the defined values.
std::optional<MessageType> message_type_from(std::string_view digits);
std::optional<PkiStatus> pki_status_from(std::string_view digits);
std::optional<FailInfo> fail_info_from(std::string_view digits);
std::string digits_of(MessageType type);
std::string digits_of(PkiStatus status);
std::string digits_of(FailInfo reason);

// The name as the RFC writes it: "PKCSReq", "FAILURE", "badRequest".
std::string_view name_of(MessageType type);
std::string_view name_of(PkiStatus status);
std::string_view name_of(FailInfo reason);
// What the reason means, and what usually causes it: a hint for people.
std::string_view meaning_of(FailInfo reason);
std::string_view likely_cause_of(FailInfo reason);

// Signed attributes, RFC 8894 §3.2.1 (arc 2.16.840.1.113733.1.9) and others met in replies.
inline constexpr std::string_view kOidMessageType = "2.16.840.1.113733.1.9.2";
inline constexpr std::string_view kOidPkiStatus = "2.16.840.1.113733.1.9.3";
inline constexpr std::string_view kOidFailInfo = "2.16.840.1.113733.1.9.4";
inline constexpr std::string_view kOidSenderNonce = "2.16.840.1.113733.1.9.5";
inline constexpr std::string_view kOidRecipientNonce = "2.16.840.1.113733.1.9.6";
inline constexpr std::string_view kOidTransactionId = "2.16.840.1.113733.1.9.7";
inline constexpr std::string_view kOidFailInfoText = "1.3.6.1.5.5.7.24.1";
inline constexpr std::string_view kOidFailInfoTextShort = "1.3.6.1.5.5.7.24";  // step-ca: one arc short
inline constexpr std::string_view kOidMicrosoftHresult = "1.3.6.1.4.1.311.21.33";
inline constexpr std::string_view kOidContentType = "1.2.840.113549.1.9.3";
inline constexpr std::string_view kOidMessageDigest = "1.2.840.113549.1.9.4";
inline constexpr std::string_view kOidSigningTime = "1.2.840.113549.1.9.5";
inline constexpr std::string_view kOidData = "1.2.840.113549.1.7.1";

}  // namespace certctl::scep
