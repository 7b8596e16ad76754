#include "tests/unit/net/scripted_server.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <stdexcept>

namespace certctl::net::test {
namespace {

int listen_on_ipv6_loopback(int& port) {
  const int listener = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  address.sin6_port = htons(static_cast<std::uint16_t>(port));
  socklen_t length = sizeof address;
  if (listener < 0 || ::bind(listener, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
      ::listen(listener, 16) != 0 || ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    throw std::runtime_error("cannot listen on the loopback of IPv6");
  }
  port = ntohs(address.sin6_port);
  return listener;
}

int listen_on_loopback(int& port, int backlog = 16) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  socklen_t length = sizeof address;
  if (listener < 0 || ::bind(listener, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
      ::listen(listener, backlog) != 0 ||
      ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    throw std::runtime_error("cannot listen on loopback");
  }
  port = ntohs(address.sin_port);
  return listener;
}

}  // namespace

Connection::~Connection() {
  if (socket_ < 0) return;
  ::shutdown(socket_, SHUT_WR);
  ::close(socket_);
}

std::string Connection::read_request() {
  std::string request;
  char buffer[4096];
  for (;;) {
    const auto end = request.find("\r\n\r\n");
    if (end != std::string::npos) {
      const auto at = request.find("Content-Length: ");
      const std::size_t body = at == std::string::npos ? 0 : std::stoul(request.substr(at + 16));
      if (request.size() >= end + 4 + body) return request;
    }
    pollfd wait{socket_, POLLIN, 0};
    if (stop_ || ::poll(&wait, 1, 50) < 0) return request;
    if ((wait.revents & (POLLIN | POLLHUP)) == 0) continue;
    const auto got = ::read(socket_, buffer, sizeof buffer);
    if (got <= 0) return request;
    request.append(buffer, static_cast<std::size_t>(got));
  }
}

bool Connection::send(std::string_view bytes) {
  while (!bytes.empty() && !stop_) {
    pollfd wait{socket_, POLLOUT, 0};
    if (::poll(&wait, 1, 50) < 0) return false;
    if ((wait.revents & (POLLERR | POLLHUP)) != 0) return false;
    if ((wait.revents & POLLOUT) == 0) continue;
    const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return !stop_;
}

bool Connection::pause(int milliseconds) {
  for (int i = 0; i < milliseconds && !stop_; i += 5) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  return !stop_;
}

bool Connection::gone() const {
  char octet = 0;
  return ::recv(socket_, &octet, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

void Connection::wait_for_bytes() const {
  pollfd entry{socket_, POLLIN, 0};
  while (!stop_ && ::poll(&entry, 1, 20) == 0) {
  }
}

void Connection::reset() {
  const linger now{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  ::close(socket_);
  socket_ = -1;
}

ScriptedServer::ScriptedServer(Script script, bool read_first, int port, bool ipv6)
    : script_(std::move(script)),
      read_first_(read_first),
      port_(port),
      listener_(ipv6 ? listen_on_ipv6_loopback(port_) : listen_on_loopback(port_)) {
  thread_ = std::thread([this] { serve(); });
}

ScriptedServer::~ScriptedServer() {
  stop_ = true;
  thread_.join();
  ::close(listener_);
}

void ScriptedServer::serve() {
  while (!stop_) {
    pollfd wait{listener_, POLLIN, 0};
    if (::poll(&wait, 1, 20) <= 0) continue;
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) continue;
    Connection connection(socket, stop_);
    std::string request;
    if (read_first_) {
      request = connection.read_request();
      const std::lock_guard guard(mutex_);
      requests_.push_back(request);
    }
    script_(connection, request);
  }
}

std::vector<std::string> ScriptedServer::requests() const {
  const std::lock_guard guard(mutex_);
  return requests_;
}

FullListener::FullListener() {
  sockets_.push_back(listen_on_loopback(port_, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port_));
  for (int i = 0; i < 4; ++i) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    (void)::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address);
    sockets_.push_back(socket);
  }
}

FullListener::~FullListener() {
  for (const int socket : sockets_) ::close(socket);
}

int free_port() {
  int port = 0;
  ::close(listen_on_loopback(port));
  return port;
}

}  // namespace certctl::net::test
