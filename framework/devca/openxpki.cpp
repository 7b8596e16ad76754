#include "framework/devca/openxpki.hpp"

#include "framework/crypto/name.hpp"

#include <algorithm>

namespace certctl::devca::openxpki {
namespace {

bool is_word(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
  });
}

}  // namespace

void shape(CaShape& shape) {
  shape.ca_key = shape.root_key = {KeyType::ec, 0, "P-384"};
  shape.chain = true;
  shape.ra = RaMode::one;
  shape.ra_key = {KeyType::rsa, 3072, ""};
  shape.ra_by_root = true;
}

std::string capabilities(std::vector<std::string> words, bool given) {
  if (!given)
    words = {"Renewal", "POSTPKIOperation", "SHA-512", "SHA-384", "SHA-256", "SHA-224", "SHA-1", "DES3", "AES"};
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : "\n") + word;
  return text;
}

bool is_transaction_id(std::string_view text) noexcept {
  constexpr std::size_t kShortest = 16;
  constexpr std::size_t kLongest = 128;
  if (const auto colon = text.find(':'); colon != std::string_view::npos && colon < kShortest) {
    if (!is_word(text.substr(0, colon))) return false;
    text.remove_prefix(colon + 1);
  }
  if (const auto colon = text.find(':'); colon != std::string_view::npos) {
    const std::string_view number = text.substr(colon + 1);
    if (number.empty() || !std::all_of(number.begin(), number.end(), [](char c) { return c >= '0' && c <= '9'; }))
      return false;
    text = text.substr(0, colon);
  }
  return text.size() >= kShortest && text.size() <= kLongest && is_word(text);
}

Bytes rewritten_subject(const std::vector<NameAttribute>& asked) {
  const auto name = std::find_if(asked.begin(), asked.end(), [](const NameAttribute& one) { return one.type == "CN"; });
  if (name == asked.end()) return {};
  return crypto::name_der(
      {{"DC", "org", false}, {"DC", "OpenXPKI", false}, {"DC", "Test Deployment", false}, {"CN", name->value, false}});
}

void dress(scep::ReplySpec& spec) {
  spec.no_content = scep::NoContent::absent;
  spec.faults.absent_parameters = true;
  spec.fail_info_text.clear();
}

void dress(Answer& answer, const Decision& decision, std::string_view transaction_id) {
  if (decision.status == scep::PkiStatus::success) return;
  if (decision.status == scep::PkiStatus::pending) {
    answer.status = 202;
    answer.reason = "Request Pending - Retry Later (" + std::string(transaction_id) + ")";
    return;
  }
  answer.status = 400;
  answer.reason = decision.http_reason.empty() ? "Request was rejected: I18N_OPENXPKI_UI_ENROLLMENT_ERROR_REJECTED"
                                               : decision.http_reason;
}

Answer fault(std::string_view reason) {
  Answer answer = text_answer(500, reason);
  answer.reason = reason;
  return answer;
}

Answer bad_gateway() {
  Answer answer = text_answer(502, "<!DOCTYPE html><html><title>502 Proxy Error</title></html>\n");
  answer.content_type = "text/html";
  return answer;
}

}  // namespace certctl::devca::openxpki
