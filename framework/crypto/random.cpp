#include "framework/crypto/random.hpp"

#include <certctl/result.hpp>

#include <openssl/rand.h>

namespace certctl::crypto {

Bytes random_bytes(std::size_t count) {
  Bytes bytes(count);
  if (RAND_bytes(bytes.data(), static_cast<int>(count)) != 1)
    throw Failure("random-failed", "no random numbers from OpenSSL");
  return bytes;
}

std::string hex_text(const Bytes& bytes) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::uint8_t octet : bytes) {
    text += kDigits[octet >> 4U];
    text += kDigits[octet & 0x0FU];
  }
  return text;
}

}  // namespace certctl::crypto
