#include "framework/probe/listener.hpp"

#include "framework/sys/host_port.hpp"
#include "framework/sys/printable.hpp"

namespace certctl::probe {
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
  sys::HostPort address = sys::host_port_from(text);
  Listener listener;
  listener.host = std::move(address.host);
  listener.port = address.port;
  return listener;
}

}  // namespace certctl::probe
