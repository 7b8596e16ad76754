// Keys and certificates that several tests need, made once a program.
#pragma once

#include "framework/crypto/issue.hpp"

#include <certctl/result.hpp>
#include <certctl/types.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace crypto_test {

using certctl::Bytes;
using certctl::TimePoint;

// 2030-01-01T00:00:00Z plus days
TimePoint day(int days);

const certctl::crypto::Key& rsa_key(int which = 0);  // 2048 bits; 0..3
const certctl::crypto::Key& ec_key(int which = 0);   // P-256; 0..3

// A root with an RSA key, valid from day 0 to day 3650.
const certctl::crypto::Issuer& root();

certctl::crypto::CaSpec ca_spec(const std::string& subject, int from = 0, int to = 3650);
certctl::crypto::Csr request(const std::string& subject, const certctl::crypto::Key& key);
certctl::crypto::Certificate leaf(const certctl::crypto::Issuer& issuer, const std::string& subject,
                                  const certctl::crypto::Key& key, int from = 0, int to = 365);

Bytes bytes(std::string_view text);
std::string text(const Bytes& bytes);
Bytes hex(const std::string& digits);
inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// The code of the Failure that is thrown; "" when there is none.
std::string code_of(const std::function<void()>& body);
std::string message_of(const std::function<void()>& body);

}  // namespace crypto_test
