// The socket on which HAProxy takes commands: one connection for each, the answer until HAProxy closes it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "framework/sys/file_descriptor.hpp"

namespace certctl::haproxy {

inline constexpr std::size_t kMaxAnswer = 16U << 20U;  // a list of hundreds of thousands of names

// A path, or a port of this machine's loopback: what is sent may be a private key.
struct SocketAddress {
  std::string path;  // absolute; empty: host and port
  std::string host;  // "127.0.0.1", "::1"
  std::uint16_t port = 0;
  [[nodiscard]] std::string text() const;
};

// "/run/haproxy/admin.sock", "127.0.0.1:9999", "[::1]:9999". Failure bad-option (never); `option`: its name.
[[nodiscard]] SocketAddress socket_address_from(const std::string& text, const std::string& option);

class RuntimeSocket {
 public:
  // `trusted`: users beside root and who runs this program to whom commands may be sent.
  explicit RuntimeSocket(SocketAddress address, std::vector<uid_t> trusted = {})
      : address_(std::move(address)), trusted_(std::move(trusted)) {}

  // `command` with its line end, and its payload if it has one. Failures, later: runtime-absent (nobody listens there),
  // runtime-silent (no whole answer in time), runtime-broken (too long an answer, a connection that breaks); never:
  // unsafe-socket (somebody else's; nothing was sent).
  [[nodiscard]] std::string ask(std::string_view command, std::chrono::milliseconds limit) const;
  [[nodiscard]] const SocketAddress& address() const noexcept { return address_; }

 private:
  [[nodiscard]] sys::FileDescriptor connect(std::chrono::steady_clock::time_point deadline) const;
  void require_trusted(int socket) const;

  SocketAddress address_;
  std::vector<uid_t> trusted_;
};

}  // namespace certctl::haproxy
