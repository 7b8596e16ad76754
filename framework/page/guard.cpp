#include "framework/page/guard.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "framework/crypto/digest.hpp"
#include "framework/crypto/random.hpp"
#include "framework/sys/atomic_file.hpp"

namespace certctl::page {
namespace {

constexpr long long kSlot = 12 * 3600;
constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kLongestHost = 300;

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return result;
}

struct HostPort {
  std::string host;  // lower case; an IPv6 address without its brackets
  std::string port;  // empty: none
  bool bracketed = false;
};

// Nothing when it is not HOST or HOST:PORT.
std::optional<HostPort> split_host(std::string_view text) {
  if (text.empty() || text.size() > kLongestHost) return std::nullopt;
  HostPort parts;
  std::string_view rest;
  if (text.front() == '[') {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    parts.host = lower(text.substr(1, end - 1));
    parts.bracketed = true;
    rest = text.substr(end + 1);
  } else {
    const std::size_t colon = text.find(':');
    parts.host = lower(text.substr(0, colon));
    rest = colon == std::string_view::npos ? std::string_view() : text.substr(colon);
  }
  if (!rest.empty()) {
    if (rest.front() != ':') return std::nullopt;
    parts.port = rest.substr(1);
    if (parts.port.empty() || parts.port.size() > 5 || parts.port.find_first_not_of("0123456789") != std::string::npos)
      return std::nullopt;
  }
  if (parts.host.empty()) return std::nullopt;
  return parts;
}

bool is_address(const HostPort& parts) {
  std::array<unsigned char, 16> bytes{};
  return ::inet_pton(parts.bracketed ? AF_INET6 : AF_INET, parts.host.c_str(), bytes.data()) == 1;
}

// "http://host:port/…" as host and port, with the scheme's port left out.
std::optional<HostPort> split_origin(std::string_view url) {
  for (const auto& [scheme, port] : {std::pair{"http://", "80"}, std::pair{"https://", "443"}}) {
    const std::string_view prefix = scheme;
    if (!lower(url.substr(0, prefix.size())).starts_with(prefix)) continue;
    url.remove_prefix(prefix.size());
    auto parts = split_host(url.substr(0, url.find_first_of("/?#")));
    if (parts && parts->port == port) parts->port.clear();
    return parts;
  }
  return std::nullopt;
}

bool names_host(std::string_view url, std::string_view host) {
  const auto from = split_origin(url);
  const auto here = split_host(host);
  if (!from || !here || from->host != here->host) return false;
  const bool usual = here->port == "80" || here->port == "443";
  return from->port == here->port || (from->port.empty() && usual);
}

}  // namespace

bool host_is_ours(std::string_view host, std::string_view device, const std::vector<std::string>& names) {
  const auto parts = split_host(host);
  if (!parts) return false;
  if (is_address(*parts)) return true;
  if (parts->bracketed) return false;
  if (parts->host == "localhost" || (!device.empty() && parts->host == lower(device))) return true;
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) { return parts->host == lower(name); });
}

bool same_site(const Request& request) {
  if (!request.fetch_site.empty() && request.fetch_site != "same-origin") return false;
  if (!request.origin.empty()) return names_host(request.origin, request.host);
  return !request.referer.empty() && names_host(request.referer, request.host);
}

std::string Tokens::token_of(long long slot, std::string_view user) const {
  // The secret has a fixed length and the user comes last, so that no two inputs are written alike.
  const std::string number = std::to_string(slot);
  return number + "-" + crypto::sha256_hex(secret_ + number + "\n" + std::string(user));
}

std::string Tokens::make(long long now, std::string_view user) const {
  return token_of(now / kSlot, user);
}

bool Tokens::valid(std::string_view token, long long now, std::string_view user) const {
  if (secret_.size() != kSecretBytes * 2) return false;
  const bool current = crypto::constant_time_equal(token, token_of(now / kSlot, user));
  const bool before = crypto::constant_time_equal(token, token_of(now / kSlot - 1, user));
  return current || before;
}

std::string token_secret(const std::string& path) {
  for (int i = 0; i < 2; ++i) {
    if (const auto known = sys::read_file_if_exists(path, 1024, sys::Links::refuse);
        known && known->size() == kSecretBytes * 2)
      return *known;
    sys::WriteOptions options;
    std::string made = crypto::hex_lower(crypto::random_bytes(kSecretBytes));
    if (i == 0 && sys::create_file(path, made, options)) return made;
    if (i == 1) {  // damaged
      sys::replace_file(path, made, options);
      return made;
    }
  }
  return {};
}

}  // namespace certctl::page
