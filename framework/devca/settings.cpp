#include "framework/devca/settings.hpp"

#include "framework/crypto/digest.hpp"
#include "framework/crypto/oid.hpp"

#include <certctl/result.hpp>

#include <charconv>

namespace certctl::devca {
namespace {

[[noreturn]] void usage(const std::string& message, const std::string& hint) {
  throw Failure::never("usage", message, hint);
}

}  // namespace

std::chrono::seconds parse_duration(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  std::int64_t factor = 0;
  if (unit == "s") factor = 1;
  if (unit == "m") factor = 60;
  if (unit == "h") factor = 3600;
  if (unit == "d") factor = 24 * 3600;
  if (unit == "w") factor = 7 * 24 * 3600;
  if (unit == "y") factor = 365 * 24 * 3600;
  if (error != std::errc{} || factor == 0 || number <= 0 || number > 1'000'000'000)
    usage("'" + std::string(text) + "' is no duration", "a number and one of s m h d w y: 3600s, 30d");
  return std::chrono::seconds{number * factor};
}

KeySpec parse_key_spec(std::string_view text) {
  KeySpec spec;
  const auto colon = text.find(':');
  const std::string_view type = text.substr(0, colon);
  const std::string_view size = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  if (type == "rsa") {
    spec.type = KeyType::rsa;
    if (size.empty()) return spec;
    const auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), spec.bits);
    if (error == std::errc{} && end == size.data() + size.size() && spec.bits >= 2048 && spec.bits <= 8192) return spec;
  } else if (type == "ec") {
    spec.type = KeyType::ec;
    if (size.empty()) return spec;
    spec.curve = std::string(size);
    if (spec.curve == "P-256" || spec.curve == "P-384" || spec.curve == "P-521") return spec;
  }
  usage("'" + std::string(text) + "' is no kind of key", "rsa:2048 to rsa:8192, ec:P-256, ec:P-384, ec:P-521");
}

void add_wish(est::CsrAttributes& attributes, const std::string& word) {
  const auto colon = word.find(':');
  const std::string type = word.substr(0, colon);
  const std::string size = colon == std::string::npos ? "" : word.substr(colon + 1);
  const auto equals = word.find('=');
  if (word == "challenge-password") {
    attributes.channel_binding = true;
  } else if (word == "sha256" || word == "sha384" || word == "sha512") {
    attributes.digests.push_back(word == "sha256"   ? crypto::Digest::sha256
                                 : word == "sha384" ? crypto::Digest::sha384
                                                    : crypto::Digest::sha512);
  } else if (type == "ec") {
    attributes.keys.push_back({crypto::PublicKeyType::ec, 0, size});
  } else if (type == "rsa") {
    int bits = 0;
    std::from_chars(size.data(), size.data() + size.size(), bits);
    attributes.keys.push_back({crypto::PublicKeyType::rsa, bits, {}});
  } else if (equals != std::string::npos && crypto::is_oid(word.substr(0, equals)) &&
             crypto::from_hex(word.substr(equals + 1))) {
    attributes.extensions.push_back({word.substr(0, equals), false, *crypto::from_hex(word.substr(equals + 1))});
  } else if (crypto::is_oid(word)) {
    attributes.others.push_back(word);
  } else {
    usage("'" + word + "' is no wish",
          "ec[:CURVE], rsa[:BITS], sha256, sha384, sha512, challenge-password, OID, OID=HEX");
  }
}

Bytes parse_serial(std::string_view hex) {
  const auto octets = crypto::from_hex(hex.size() % 2 == 0 ? std::string(hex) : "0" + std::string(hex));
  if (!octets || octets->empty() || octets->size() > 20)
    usage("'" + std::string(hex) + "' is no serial number", "hex digits, at most 40");
  Bytes content = *octets;
  while (content.size() > 1 && content.front() == 0) content.erase(content.begin());
  if ((content.front() & 0x80U) != 0) content.insert(content.begin(), 0);
  return content;
}

}  // namespace certctl::devca
