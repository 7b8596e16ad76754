// "host:port" as people write it.
#pragma once

#include <cstdint>
#include <string>

namespace certctl::sys {

struct HostPort {
  std::string host;  // a name, an IPv4 address, or an IPv6 address without its brackets
  std::uint16_t port = 0;
};

// "host:port", "[v6]:port". Failure bad-option (never). Whether the name exists is not asked.
[[nodiscard]] HostPort host_port_from(const std::string& text);

// A name that a TLS client may send (RFC 6066 section 3): a host name, no address.
[[nodiscard]] bool is_server_name(const std::string& text);

}  // namespace certctl::sys
