// A small TCP server for those who must be asked by somebody else: each connection has a thread and a deadline, and
// there are never more than a few. It speaks no protocol.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace certctl::net {

class TcpListener {
 public:
  // Called on a thread of its own with a connected socket, which is closed afterwards; must not throw. At the deadline,
  // and when the listener goes, the socket is shut down under it.
  using Handler = std::function<void(int socket)>;

  // Listens at once on an IP address ("0.0.0.0", "::" also for IPv4 where the system has both). Port 0: a free one.
  // Fails with "cannot-listen" (later): busy or not ours; "bad-option" (never): no IP address.
  TcpListener(const std::string& address, std::uint16_t port, std::chrono::milliseconds deadline, Handler handler);
  ~TcpListener();  // ends open connections and waits for their threads
  TcpListener(const TcpListener&) = delete;
  TcpListener& operator=(const TcpListener&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept;

  struct Parts;

 private:
  std::unique_ptr<Parts> parts_;
};

}  // namespace certctl::net
