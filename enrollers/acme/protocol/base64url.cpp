#include "enrollers/acme/protocol/base64url.hpp"

#include "framework/crypto/der.hpp"
#include "framework/crypto/digest.hpp"

#include <algorithm>

namespace certctl::acme {

std::string base64url(crypto::BytesView bytes) {
  std::string text = crypto::base64_encode(bytes);
  while (!text.empty() && text.back() == '=') text.pop_back();
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

std::string base64url(std::string_view text) {
  return base64url(crypto::bytes_of(text));
}

bool is_base64url(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

std::optional<Bytes> from_pasted_base64(std::string_view text) {
  std::string standard(text);
  std::replace(standard.begin(), standard.end(), '-', '+');
  std::replace(standard.begin(), standard.end(), '_', '/');
  while (!standard.empty() && std::string_view("=\r\n ").find(standard.back()) != std::string_view::npos)
    standard.pop_back();
  auto bytes = crypto::base64_decode(standard);
  if (bytes && bytes->empty()) return std::nullopt;
  return bytes;
}

}  // namespace certctl::acme
