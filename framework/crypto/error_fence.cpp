#include "framework/crypto/error_fence.hpp"

#include "framework/crypto/display.hpp"

#include <openssl/err.h>

namespace certctl::crypto {
namespace {

std::string entry_text(unsigned long code, const char* data, int flags) {
  const char* const library = ERR_lib_error_string(code);
  const char* const reason = ERR_reason_error_string(code);
  std::string text = library != nullptr ? std::string(library) + ": " : std::string();
  text += reason != nullptr ? reason : "reason " + std::to_string(ERR_GET_REASON(code));
  if (data != nullptr && (flags & ERR_TXT_STRING) != 0 && *data != '\0') text += std::string(" (") + data + ")";
  return display_text(text);
}

}  // namespace

ErrorFence::ErrorFence() noexcept {
  ERR_set_mark();
}
ErrorFence::~ErrorFence() {
  ERR_pop_to_mark();
}

std::string first_openssl_error() {
  const char* data = nullptr;
  int flags = 0;
  const unsigned long code = ERR_peek_error_all(nullptr, nullptr, nullptr, &data, &flags);
  return code == 0 ? "unknown cause" : entry_text(code, data, flags);
}

std::string drain_errors() {
  std::string text;
  const char* data = nullptr;
  int flags = 0;
  while (const unsigned long code = ERR_get_error_all(nullptr, nullptr, nullptr, &data, &flags)) {
    if (!text.empty()) text += "; ";
    text += entry_text(code, data, flags);
  }
  return text;
}

}  // namespace certctl::crypto
