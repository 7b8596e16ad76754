#include "framework/engine/ike_listing.hpp"

#include <algorithm>

#include "framework/crypto/digest.hpp"

namespace certctl::engine {
namespace {

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (text.substr(0, prefix.size()) != prefix) return false;
  text.remove_prefix(prefix.size());
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  return true;
}

// "0a:BC" -> "0abc"; nothing for anything else.
std::string hex_of(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c == ':') continue;
    if (c >= 'A' && c <= 'F') {
      digits += static_cast<char>(c - 'A' + 'a');
    } else if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')) {
      digits += c;
    } else {
      return {};
    }
  }
  return digits;
}

std::string without_leading_zeros(std::string digits) {
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  return digits;
}

bool says_private_key(std::string_view text) {
  // Behind the type and the size, or behind them and the token: "RSA 2048 bits, has private key".
  return text.find(", has private key") != std::string_view::npos;
}

}  // namespace

std::vector<IkeCertificate> ike_certificates(std::string_view listing) {
  std::vector<IkeCertificate> found;
  bool end_entities = false;
  while (!listing.empty()) {
    const std::size_t end = std::min(listing.find('\n'), listing.size());
    std::string_view line = listing.substr(0, end);
    listing.remove_prefix(std::min(end + 1, listing.size()));
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (take_prefix(line, "List of ")) {
      end_entities = line.find("End Entity Certificates") != std::string_view::npos;
    } else if (take_prefix(line, "  subject:")) {
      if (end_entities) found.emplace_back();
    } else if (!end_entities || found.empty()) {
      continue;
    } else if (take_prefix(line, "  serial:")) {
      found.back().serial = without_leading_zeros(hex_of(line));
    } else if (take_prefix(line, "  pubkey:")) {
      found.back().has_key = says_private_key(line);
    } else if (take_prefix(line, "  keyid:")) {
      found.back().key_id = hex_of(line);
    }
  }
  return found;
}

bool has_private_key(const std::vector<IkeCertificate>& listed, const crypto::Certificate& certificate) {
  const std::string serial = without_leading_zeros(hex_of(certificate.serial()));
  const std::string key_id = crypto::hex_lower(crypto::sha1(certificate.public_key().spki_der()));
  return std::any_of(listed.begin(), listed.end(), [&](const IkeCertificate& one) {
    return one.has_key && one.serial == serial && one.key_id == key_id;
  });
}

}  // namespace certctl::engine
