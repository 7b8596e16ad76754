#include "framework/net/tcp_listener.hpp"

#include "framework/sys/file_descriptor.hpp"

#include <certctl/result.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <list>
#include <thread>

namespace certctl::net {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t kMaxConnections = 16;
constexpr milliseconds kLook{200};  // at threads that have ended, and deadlines

struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;
};

Address address_from(const std::string& text, std::uint16_t port) {
  Address address;
  if (auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
      ::inet_pton(AF_INET, text.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    address.length = sizeof(sockaddr_in);
  } else if (auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
             ::inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    address.length = sizeof(sockaddr_in6);
  } else {
    throw Failure::never("bad-option", "'" + text + "' is no IP address to listen on", "0.0.0.0, ::, 127.0.0.1");
  }
  return address;
}

sys::FileDescriptor listen_on(const std::string& text, std::uint16_t port) {
  const Address address = address_from(text, port);
  sys::FileDescriptor socket(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int on = 1;
  if (!socket.is_open() || ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address.storage), address.length) != 0 ||
      ::listen(socket.get(), static_cast<int>(kMaxConnections)) != 0)
    throw Failure("cannot-listen",
                  "cannot listen on " + text + " port " + std::to_string(port) + ": " + std::strerror(errno),
                  "another program may have the port; ports below 1024 are root's");
  return socket;
}

struct Connection {
  sys::FileDescriptor socket;
  Clock::time_point until;
  std::atomic<bool> done{false};
  std::thread thread;
};

}  // namespace

struct TcpListener::Parts {
  sys::FileDescriptor socket;
  sys::FileDescriptor stop{::eventfd(0, EFD_CLOEXEC)};
  milliseconds deadline;
  Handler handler;
  std::list<Connection> connections;  // of the accepting thread only
  std::thread accepting;

  void take() {
    sys::FileDescriptor peer(::accept4(socket.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!peer.is_open() || connections.size() >= kMaxConnections) return;
    Connection& connection = connections.emplace_back();
    connection.socket = std::move(peer);
    connection.until = Clock::now() + deadline;
    connection.thread = std::thread([this, &connection] {
      handler(connection.socket.get());
      connection.done = true;
    });
  }

  void look(bool all) {
    for (auto it = connections.begin(); it != connections.end();) {
      if (all || Clock::now() > it->until) ::shutdown(it->socket.get(), SHUT_RDWR);
      if (!all && !it->done) {
        ++it;
        continue;
      }
      it->thread.join();
      it = connections.erase(it);
    }
  }

  void accept_until_stopped() {
    for (;;) {
      pollfd ready[2] = {{socket.get(), POLLIN, 0}, {stop.get(), POLLIN, 0}};
      (void)::poll(ready, 2, connections.empty() ? -1 : static_cast<int>(kLook.count()));
      look((ready[1].revents & POLLIN) != 0);
      if ((ready[1].revents & POLLIN) != 0) return;
      if ((ready[0].revents & POLLIN) != 0) take();
    }
  }
};

TcpListener::TcpListener(const std::string& address, std::uint16_t port, milliseconds deadline, Handler handler)
    : parts_(std::make_unique<Parts>()) {
  parts_->socket = listen_on(address, port);
  if (!parts_->stop.is_open())
    throw Failure("cannot-listen", "cannot make an eventfd: " + std::string(std::strerror(errno)));
  parts_->deadline = deadline;
  parts_->handler = std::move(handler);
  parts_->accepting = std::thread([parts = parts_.get()] { parts->accept_until_stopped(); });
}

TcpListener::~TcpListener() {
  const std::uint64_t one = 1;
  while (::write(parts_->stop.get(), &one, sizeof one) < 0 && errno == EINTR) {
  }
  parts_->accepting.join();
}

std::uint16_t TcpListener::port() const noexcept {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  if (::getsockname(parts_->socket.get(), reinterpret_cast<sockaddr*>(&storage), &length) != 0) return 0;
  return ntohs(storage.ss_family == AF_INET ? reinterpret_cast<const sockaddr_in*>(&storage)->sin_port
                                            : reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_port);
}

}  // namespace certctl::net
