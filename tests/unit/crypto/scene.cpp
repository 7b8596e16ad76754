#include "tests/unit/crypto/scene.hpp"

#include "framework/crypto/digest.hpp"
#include "framework/crypto/name.hpp"

#include <map>
#include <stdexcept>

namespace crypto_test {
namespace {

using namespace certctl;
using namespace certctl::crypto;

const Key& kept(KeyType type, int which) {
  static std::map<std::pair<KeyType, int>, Key> keys;
  const auto place = std::pair(type, which);
  if (const auto found = keys.find(place); found != keys.end()) return found->second;
  KeySpec spec;
  spec.type = type;
  return keys.emplace(place, Key::generate(spec)).first->second;
}

}  // namespace

TimePoint day(int days) {
  return TimePoint(std::chrono::seconds(1893456000)) + std::chrono::hours(24) * days;
}

const Key& rsa_key(int which) {
  return kept(KeyType::rsa, which);
}
const Key& ec_key(int which) {
  return kept(KeyType::ec, which);
}

CaSpec ca_spec(const std::string& subject, int from, int to) {
  CaSpec spec;
  spec.subject = parse_subject(subject);
  spec.not_before = day(from);
  spec.not_after = day(to);
  return spec;
}

const Issuer& root() {
  static const Issuer kRoot{make_root_ca(rsa_key(0), ca_spec("/O=Test/CN=Root")), rsa_key(0)};
  return kRoot;
}

Csr request(const std::string& subject, const Key& key) {
  CertificateRequest wanted;
  wanted.subject = parse_subject(subject);
  return Csr::from_der(build_csr(wanted, key, {}));
}

Certificate leaf(const Issuer& issuer, const std::string& subject, const Key& key, int from, int to) {
  IssueSpec spec;
  spec.not_before = day(from);
  spec.not_after = day(to);
  return issue_certificate(issuer, request(subject, key), spec);
}

Bytes bytes(std::string_view text) {
  return {text.begin(), text.end()};
}
std::string text(const Bytes& bytes) {
  return {bytes.begin(), bytes.end()};
}
Bytes hex(const std::string& digits) {
  auto out = from_hex(digits);
  if (!out) throw std::runtime_error("no hex: " + digits);
  return *out;
}

std::string code_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const Failure& failure) {
    return failure.error().code;
  }
  return {};
}

std::string message_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const Failure& failure) {
    return failure.error().message;
  }
  return {};
}

}  // namespace crypto_test
