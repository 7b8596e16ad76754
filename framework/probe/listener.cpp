#include "framework/probe/listener.hpp"

#include <certctl/result.hpp>

#include "framework/sys/printable.hpp"

#include <charconv>

namespace certctl::probe {
namespace {

constexpr std::size_t kMaxHost = 255;

Failure not_an_address(const std::string& text) {
  return Failure::never("bad-option", "no address of a listener: '" + sys::printable_start(text, 100) + "'",
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
  for (const char c : text) {
    if (!allowed(c)) return false;
  }
  return !text.empty() && text.size() <= kMaxHost;
}

}  // namespace

std::string text_of(const Listener& listener) {
  const bool ipv6 = listener.host.find(':') != std::string::npos;
  std::string text = (ipv6 ? "[" + listener.host + "]" : listener.host) + ":" + std::to_string(listener.port);
  std::string more = listener.server_name;
  for (const std::string& protocol : listener.alpn) more += (more.empty() ? "" : ", ") + protocol;
  if (listener.greeting == Greeting::smtp) more += more.empty() ? "smtp" : ", smtp";
  if (!more.empty()) text += " (" + more + ")";
  return sys::printable(text);
}

Listener listener_from(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) throw not_an_address(text);
  Listener listener;
  const char* const begin = text.data() + colon + 1;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(begin, end, listener.port);
  if (error != std::errc{} || stopped != end || listener.port == 0) throw not_an_address(text);
  listener.host = text.substr(0, colon);
  if (listener.host.size() > 2 && listener.host.front() == '[' && listener.host.back() == ']') {
    listener.host = listener.host.substr(1, listener.host.size() - 2);
    if (listener.host.find(':') == std::string::npos || !consists_of(listener.host, is_ipv6_character))
      throw not_an_address(text);
    return listener;
  }
  if (!consists_of(listener.host, is_host_character) || listener.host.front() == '-') throw not_an_address(text);
  return listener;
}

}  // namespace certctl::probe
