#include "framework/sys/host_port.hpp"

#include <arpa/inet.h>

#include <certctl/result.hpp>

#include <algorithm>
#include <charconv>

#include "framework/sys/printable.hpp"

namespace certctl::sys {
namespace {

constexpr std::size_t kMaxHost = 255;

Failure not_an_address(const std::string& text) {
  return Failure::never("bad-option", "'" + printable_start(text, 100) + "' is no address to connect to",
                        "write host:port, for an IPv6 address [address]:port");
}

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

bool is_ipv6_character(char c) {  // with a zone: fe80::1%eth0
  return is_host_character(c) || c == ':' || c == '%';
}

template <class Allowed>
bool consists_of(const std::string& text, Allowed allowed) {
  return !text.empty() && text.size() <= kMaxHost && std::all_of(text.begin(), text.end(), allowed);
}

}  // namespace

HostPort host_port_from(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) throw not_an_address(text);
  HostPort result;
  const char* const begin = text.data() + colon + 1;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(begin, end, result.port);
  if (error != std::errc{} || stopped != end || result.port == 0) throw not_an_address(text);
  result.host = text.substr(0, colon);
  if (result.host.size() > 2 && result.host.front() == '[' && result.host.back() == ']') {
    result.host = result.host.substr(1, result.host.size() - 2);
    if (result.host.find(':') == std::string::npos || !consists_of(result.host, is_ipv6_character))
      throw not_an_address(text);
    return result;
  }
  if (!consists_of(result.host, is_host_character) || result.host.front() == '-') throw not_an_address(text);
  return result;
}

bool is_server_name(const std::string& text) {
  in_addr address{};
  return consists_of(text, is_host_character) && text.front() != '-' && text.front() != '.' && text.back() != '.' &&
         inet_pton(AF_INET, text.c_str(), &address) != 1;
}

}  // namespace certctl::sys
