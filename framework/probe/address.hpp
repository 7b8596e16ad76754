// The addresses of a host. Internal to probe.
#pragma once

#include <sys/socket.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace certctl::probe {

using Deadline = std::chrono::steady_clock::time_point;

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  std::string text;  // "[::1]:443"
};

// Failure unreachable (later) when there is none, or the name service does not answer before the deadline.
[[nodiscard]] std::vector<Address> addresses_of(const std::string& host, std::uint16_t port, Deadline deadline);

}  // namespace certctl::probe
