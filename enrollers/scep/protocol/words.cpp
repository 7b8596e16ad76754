#include "enrollers/scep/protocol/words.hpp"

#include <charconv>

namespace certctl::scep {
namespace {

std::optional<int> number(std::string_view digits) {
  int value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || digits.size() > 3 || digits[0] == '-' || error != std::errc{} ||
      end != digits.data() + digits.size())
    return std::nullopt;
  return value;
}

}  // namespace

// SCEP-085
std::optional<MessageType> message_type_from(std::string_view digits) {
  switch (number(digits).value_or(-1)) {
    case 3: return MessageType::cert_rep;
    case 17: return MessageType::renewal_req;
    case 19: return MessageType::pkcs_req;
    case 20: return MessageType::cert_poll;
    case 21: return MessageType::get_cert;
    case 22: return MessageType::get_crl;
    default: return std::nullopt;
  }
}

std::optional<PkiStatus> pki_status_from(std::string_view digits) {
  switch (number(digits).value_or(-1)) {
    case 0: return PkiStatus::success;
    case 2: return PkiStatus::failure;
    case 3: return PkiStatus::pending;
    default: return std::nullopt;  // 1 was never defined
  }
}

std::optional<FailInfo> fail_info_from(std::string_view digits) {
  const int value = number(digits).value_or(-1);
  if (value < 0 || value > 4) return std::nullopt;
  return static_cast<FailInfo>(value);
}

std::string digits_of(MessageType type) {
  return std::to_string(static_cast<int>(type));
}
std::string digits_of(PkiStatus status) {
  return std::to_string(static_cast<int>(status));
}
std::string digits_of(FailInfo reason) {
  return std::to_string(static_cast<int>(reason));
}

std::string_view name_of(MessageType type) {
  switch (type) {
    case MessageType::cert_rep: return "CertRep";
    case MessageType::renewal_req: return "RenewalReq";
    case MessageType::pkcs_req: return "PKCSReq";
    case MessageType::cert_poll: return "CertPoll";
    case MessageType::get_cert: return "GetCert";
    case MessageType::get_crl: return "GetCRL";
  }
  return "undefined";
}

std::string_view name_of(PkiStatus status) {
  switch (status) {
    case PkiStatus::success: return "SUCCESS";
    case PkiStatus::failure: return "FAILURE";
    case PkiStatus::pending: return "PENDING";
  }
  return "undefined";
}

std::string_view name_of(FailInfo reason) {
  switch (reason) {
    case FailInfo::bad_alg: return "badAlg";
    case FailInfo::bad_message_check: return "badMessageCheck";
    case FailInfo::bad_request: return "badRequest";
    case FailInfo::bad_time: return "badTime";
    case FailInfo::bad_cert_id: return "badCertId";
  }
  return "undefined";
}

std::string_view meaning_of(FailInfo reason) {
  switch (reason) {
    case FailInfo::bad_alg: return "an algorithm is unknown to the CA or not allowed there";
    case FailInfo::bad_message_check: return "the CA could not verify the signature of the request";
    case FailInfo::bad_request: return "the request is not permitted or not supported";
    case FailInfo::bad_time: return "the time in the request is too far from the CA's clock";
    case FailInfo::bad_cert_id: return "the CA knows no certificate or request that matches";
  }
  return "";
}

std::string_view likely_cause_of(FailInfo reason) {
  switch (reason) {
    case FailInfo::bad_alg: return "set `cipher` and `digest` to what the CA supports, or use an RSA key";
    case FailInfo::bad_message_check:
      return "the CA may have changed its certificates, or it does not accept the certificate that signed the request";
    case FailInfo::bad_request:
      return "usual causes: the challenge password is wrong, used up or expired; the CA already has a certificate for "
             "this subject; subject, names, key size or profile are against its policy; it is too early to renew";
    case FailInfo::bad_time: return "set the clock of this device";
    case FailInfo::bad_cert_id:
      return "the transaction is unknown to the CA, or the certificate that signed the renewal is not one of its own";
  }
  return "";
}

}  // namespace certctl::scep
