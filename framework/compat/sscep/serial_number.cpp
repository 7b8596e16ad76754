#include "framework/compat/sscep/serial_number.hpp"

#include "framework/compat/sscep/stop.hpp"

#include <algorithm>
#include <string>

namespace certctl::sscep {
namespace {

constexpr std::size_t kMaxDigits = 160;

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 99;
}

// Big-endian magnitude times `base` plus `digit`.
void push_digit(Bytes& magnitude, unsigned base, unsigned digit) {
  unsigned carry = digit;
  for (auto octet = magnitude.rbegin(); octet != magnitude.rend(); ++octet) {
    const unsigned value = *octet * base + carry;
    *octet = static_cast<std::uint8_t>(value & 0xFFU);
    carry = value >> 8U;
  }
  if (carry != 0) magnitude.insert(magnitude.begin(), static_cast<std::uint8_t>(carry));
}

Bytes twos_complement(Bytes magnitude, bool negative) {
  if (magnitude.empty()) return {0};
  if (negative) {
    unsigned carry = 1;
    for (auto octet = magnitude.rbegin(); octet != magnitude.rend(); ++octet) {
      const unsigned value = (~*octet & 0xFFU) + carry;
      *octet = static_cast<std::uint8_t>(value & 0xFFU);
      carry = value >> 8U;
    }
    if ((magnitude.front() & 0x80U) == 0) magnitude.insert(magnitude.begin(), 0xFF);
  } else if ((magnitude.front() & 0x80U) != 0) {
    magnitude.insert(magnitude.begin(), 0);
  }
  return magnitude;
}

}  // namespace

Bytes parse_serial(std::string_view text) {
  const auto bad = [&] {
    return Stop(ExitCode::signer, "not a serial number: " + std::string(text),
                "write it in decimal, or in hexadecimal with colons, letters, or 0x in front");
  };
  std::string digits(text);
  const bool negative = digits.starts_with('-');
  if (negative) digits.erase(0, 1);
  const bool prefixed = digits.starts_with("0x") || digits.starts_with("0X");
  if (prefixed) digits.erase(0, 2);
  const bool colons = digits.find(':') != std::string::npos;
  std::erase(digits, ':');
  const bool letters = std::any_of(digits.begin(), digits.end(), [](char c) { return c > '9'; });
  const unsigned base = prefixed || colons || letters ? 16 : 10;
  if (digits.empty() || digits.size() > kMaxDigits) throw bad();
  Bytes magnitude;
  for (const char c : digits) {
    const int value = digit_value(c);
    if (value >= static_cast<int>(base)) throw bad();
    push_digit(magnitude, base, static_cast<unsigned>(value));
  }
  return twos_complement(std::move(magnitude), negative);
}

}  // namespace certctl::sscep
