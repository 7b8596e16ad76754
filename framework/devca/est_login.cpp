#include "framework/devca/est_login.hpp"

#include "framework/crypto/der.hpp"
#include "framework/crypto/digest.hpp"

#include <algorithm>
#include <map>

namespace certctl::devca {
namespace {

constexpr std::string_view kRealm = "certctl development CA";

bool starts_with_word(std::string_view text, std::string_view word) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return text.size() > word.size() && text[word.size()] == ' ' &&
         std::equal(word.begin(), word.end(), text.begin(), [&](char a, char b) { return lower(a) == lower(b); });
}

// name=value, name="value", … in any order.
std::map<std::string, std::string> parameters_of(std::string_view text) {
  std::map<std::string, std::string> all;
  while (!text.empty()) {
    const std::size_t start = text.find_first_not_of(" ,\t");
    if (start == std::string_view::npos) break;
    text.remove_prefix(start);
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) break;
    const std::string name(text.substr(0, equals));
    text.remove_prefix(equals + 1);
    const bool quoted = text.starts_with('"');
    if (quoted) text.remove_prefix(1);
    const std::size_t end = std::min(text.find_first_of(quoted ? "\"" : " ,"), text.size());
    all[name] = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return all;
}

std::string hash(bool sha256, const std::string& text) {
  return crypto::hex_lower(crypto::digest(sha256 ? "SHA256" : "MD5", crypto::bytes_of(text)));
}

std::int64_t minute_of(TimePoint time) {
  return std::chrono::duration_cast<std::chrono::minutes>(time.time_since_epoch()).count();
}

}  // namespace

std::string EstLogin::nonce(std::int64_t minute) const {
  Bytes text = secret_;
  for (const char c : std::to_string(minute)) text.push_back(static_cast<std::uint8_t>(c));
  return crypto::sha256_hex(crypto::BytesView(text)).substr(0, 32);
}

std::vector<std::string> EstLogin::challenges(TimePoint now) const {
  const std::string realm = "realm=\"" + std::string(kRealm) + "\"";
  std::vector<std::string> all;
  for (const char* algorithm : {"SHA-256", "MD5"})
    if (mode_ != LoginMode::basic)
      all.push_back("Digest " + realm + ", qop=\"auth\", algorithm=" + algorithm + ", nonce=\"" +
                    nonce(minute_of(now)) + "\"");
  if (mode_ != LoginMode::digest) all.push_back("Basic " + realm);
  return all;
}

std::string EstLogin::proved(std::string_view authorization, std::string_view method, std::string_view uri,
                             const std::vector<std::string>& passwords, TimePoint now) const {
  if (mode_ != LoginMode::digest && starts_with_word(authorization, "basic")) {
    const auto decoded = crypto::base64_decode(authorization.substr(std::string_view("basic ").size()));
    if (!decoded) return {};
    const std::string text(decoded->begin(), decoded->end());
    const std::size_t colon = text.find(':');
    return colon == std::string::npos ? std::string() : text.substr(colon + 1);
  }
  if (mode_ != LoginMode::basic && starts_with_word(authorization, "digest"))
    return proved_by_digest(authorization.substr(std::string_view("digest ").size()), method, uri, passwords, now);
  return {};
}

std::string EstLogin::proved_by_digest(std::string_view parameters, std::string_view method, std::string_view uri,
                                       const std::vector<std::string>& passwords, TimePoint now) const {
  auto given = parameters_of(parameters);
  const bool sha256 = given["algorithm"] == "SHA-256";
  // EST-017: the address that was really asked.
  if ((!sha256 && !given["algorithm"].empty() && given["algorithm"] != "MD5") || given["uri"] != uri) return {};
  const std::int64_t minute = minute_of(now);
  if (given["nonce"] != nonce(minute) && given["nonce"] != nonce(minute - 1)) return {};
  const std::string asked = hash(sha256, std::string(method) + ":" + std::string(uri));
  for (const std::string& password : passwords) {
    const std::string who = hash(sha256, given["username"] + ":" + std::string(kRealm) + ":" + password);
    std::string answer = who + ":" + given["nonce"] + ":";
    if (given["qop"] == "auth") answer += given["nc"] + ":" + given["cnonce"] + ":auth:";
    if (crypto::constant_time_equal(hash(sha256, answer + asked), given["response"])) return password;
  }
  return {};
}

}  // namespace certctl::devca
