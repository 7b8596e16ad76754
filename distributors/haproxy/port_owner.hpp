// Who listens on a TCP port of this machine.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string_view>
#include <vector>

namespace certctl::haproxy {

// The users of all sockets that listen on the port, at any address; empty when there is none, or /proc does not tell.
[[nodiscard]] std::vector<uid_t> port_owners(std::uint16_t port);

// The same from the text of /proc/net/tcp or tcp6.
[[nodiscard]] std::vector<uid_t> port_owners_in(std::string_view table, std::uint16_t port);

}  // namespace certctl::haproxy
