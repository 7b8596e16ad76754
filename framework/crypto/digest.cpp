#include "framework/crypto/digest.hpp"

#include "framework/crypto/error_fence.hpp"
#include "framework/crypto/ossl_ptr.hpp"

#include <certctl/result.hpp>

#include <array>

namespace certctl::crypto {
namespace {

Bytes digest_with(const EVP_MD* md, BytesView data) {
  Bytes out(static_cast<std::size_t>(EVP_MD_get_size(md)));
  static constexpr std::uint8_t kNothing = 0;
  if (EVP_Digest(data.empty() ? &kNothing : data.data(), data.size(), out.data(), nullptr, md, nullptr) != 1)
    throw Failure("digest-failed", "cannot compute a digest: " + first_openssl_error());
  return out;
}

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::uint8_t kNoDigit = 0xFF;
constexpr std::array<std::uint8_t, 256> kBase64Values = [] {
  std::array<std::uint8_t, 256> values{};
  for (std::uint8_t& value : values) value = kNoDigit;
  for (std::size_t i = 0; i < kBase64.size(); ++i)
    values[static_cast<unsigned char>(kBase64[i])] = static_cast<std::uint8_t>(i);
  return values;
}();

BytesView view(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

Bytes sha1(BytesView data) {
  const ErrorFence fence;
  return digest_with(EVP_sha1(), data);
}
Bytes sha256(BytesView data) {
  const ErrorFence fence;
  // Looked for once: OpenSSL does it for each digest otherwise, which costs more than a digest of a kilobyte. Never
  // freed: OpenSSL is taken down before what is static here.
  static const EVP_MD* const kFound = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return digest_with(kFound != nullptr ? kFound : EVP_sha256(), data);
}
Bytes sha512(BytesView data) {
  const ErrorFence fence;
  return digest_with(EVP_sha512(), data);
}
Bytes digest(std::string_view algorithm, BytesView data) {
  const ErrorFence fence;
  const EvpMdPtr md(EVP_MD_fetch(nullptr, std::string(algorithm).c_str(), nullptr));
  if (!md || EVP_MD_get_size(md.get()) <= 0)
    throw Failure::never("digest-unknown", "OpenSSL does not know the digest " + std::string(algorithm));
  return digest_with(md.get(), data);
}

std::string hex_lower(BytesView data) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(data.size() * 2);
  for (const std::uint8_t octet : data) {
    text += kDigits[octet >> 4U];
    text += kDigits[octet & 0x0FU];
  }
  return text;
}

std::optional<Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  Bytes out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_digit(text[i]);
    const int low = hex_digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<std::uint8_t>(high * 16 + low));
  }
  return out;
}

std::string sha256_hex(BytesView data) {
  return hex_lower(sha256(data));
}
std::string sha256_hex(std::string_view text) {
  return sha256_hex(view(text));
}

std::string base64_encode(BytesView data) {
  std::string text;
  text.reserve((data.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < data.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, data.size() - i);
    unsigned group = static_cast<unsigned>(data[i]) << 16U;
    if (count > 1) group |= static_cast<unsigned>(data[i + 1]) << 8U;
    if (count > 2) group |= data[i + 2];
    text += kBase64[group >> 18U];
    text += kBase64[(group >> 12U) & 0x3FU];
    text += count > 1 ? kBase64[(group >> 6U) & 0x3FU] : '=';
    text += count > 2 ? kBase64[group & 0x3FU] : '=';
  }
  return text;
}

std::optional<Bytes> base64_decode(std::string_view text) {
  Bytes out;
  out.reserve(text.size() / 4 * 3);
  unsigned group = 0;
  unsigned digits = 0;
  unsigned padding = 0;
  for (const char c : text) {
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
    if (c == '=') {
      ++padding;
      continue;
    }
    const std::uint8_t value = kBase64Values[static_cast<unsigned char>(c)];
    if (value == kNoDigit || padding != 0) return std::nullopt;
    group = (group << 6U) | value;
    if (++digits % 4 == 0) {
      out.push_back(static_cast<std::uint8_t>(group >> 16U));
      out.push_back(static_cast<std::uint8_t>((group >> 8U) & 0xFFU));
      out.push_back(static_cast<std::uint8_t>(group & 0xFFU));
      group = 0;
    }
  }
  const unsigned rest = digits % 4;
  if (rest == 1 || padding > 2 || (padding != 0 && (rest + padding) != 4)) return std::nullopt;
  if (rest == 2) {
    if ((group & 0x0FU) != 0) return std::nullopt;
    out.push_back(static_cast<std::uint8_t>(group >> 4U));
  } else if (rest == 3) {
    if ((group & 0x03U) != 0) return std::nullopt;
    out.push_back(static_cast<std::uint8_t>(group >> 10U));
    out.push_back(static_cast<std::uint8_t>((group >> 2U) & 0xFFU));
  }
  return out;
}

bool constant_time_equal(BytesView left, BytesView right) noexcept {
  return left.size() == right.size() && (left.empty() || CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0);
}
bool constant_time_equal(std::string_view left, std::string_view right) noexcept {
  return constant_time_equal(view(left), view(right));
}

unsigned library_major() noexcept {
  return OPENSSL_version_major();
}

}  // namespace certctl::crypto
