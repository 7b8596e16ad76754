#include "framework/probe/connection.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include <certctl/result.hpp>

namespace certctl::probe {
namespace {

constexpr std::size_t kReadBytes = 16U << 10U;

std::string words_of(int error) {
  return std::generic_category().message(error);
}

Failure unreachable(const std::string& what) {
  return Failure("unreachable", what);
}

Failure connect_failed(int error) {
  return unreachable(error == ECONNREFUSED ? "refuses the connection" : "cannot be connected to: " + words_of(error));
}

}  // namespace

Connection::Connection(const Address& address, Deadline deadline)
    : socket_(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)), deadline_(deadline) {
  if (!socket_.is_open()) throw connect_failed(errno);
  if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.size) == 0) return;
  if (errno != EINPROGRESS && errno != EINTR) throw connect_failed(errno);
  wait(POLLOUT);
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error != 0) throw connect_failed(error);
}

void Connection::wait(short events) {
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - std::chrono::steady_clock::now());
    if (left.count() <= 0) throw unreachable("does not answer in time");
    pollfd one{socket_.get(), events, 0};
    const int ready = ::poll(&one, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 60'000)));
    if (ready > 0) return;
    if (ready < 0 && errno != EINTR) throw unreachable("cannot be waited for: " + words_of(errno));
  }
}

void Connection::send(std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes = bytes.subspan(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      wait(POLLOUT);
    } else if (errno != EINTR) {
      throw unreachable("ends the connection: " + words_of(errno));
    }
  }
}

Bytes Connection::receive() {
  Bytes bytes(kReadBytes);
  for (;;) {
    wait(POLLIN);  // before each read: a peer that always has more is held to the deadline too
    const ssize_t got = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
    if (got >= 0) {
      bytes.resize(static_cast<std::size_t>(got));
      return bytes;
    }
    if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
      throw unreachable("ends the connection: " + words_of(errno));
  }
}

void Connection::send_at_leisure(std::span<const std::uint8_t> bytes) noexcept {
  if (!bytes.empty()) static_cast<void>(::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL));
}

std::string Connection::own_address_literal() const {
  sockaddr_storage own{};
  socklen_t size = sizeof own;
  char text[INET6_ADDRSTRLEN] = "";
  if (getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&own), &size) != 0) return "[127.0.0.1]";
  if (own.ss_family == AF_INET6) {
    sockaddr_in6 address{};
    std::memcpy(&address, &own, sizeof address);
    if (inet_ntop(AF_INET6, &address.sin6_addr, text, sizeof text) != nullptr)
      return "[IPv6:" + std::string(text) + "]";
  } else if (own.ss_family == AF_INET) {
    sockaddr_in address{};
    std::memcpy(&address, &own, sizeof address);
    if (inet_ntop(AF_INET, &address.sin_addr, text, sizeof text) != nullptr) return "[" + std::string(text) + "]";
  }
  return "[127.0.0.1]";
}

}  // namespace certctl::probe
