#include "distributors/haproxy/runtime_socket.hpp"

#include <certctl/result.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "distributors/haproxy/port_owner.hpp"
#include "framework/sys/printable.hpp"
#include "framework/sys/system_error.hpp"

namespace certctl::haproxy {
namespace {

using Deadline = std::chrono::steady_clock::time_point;

Failure broken(const std::string& where, int error) {
  return Failure("runtime-broken", sys::system_failure("HAProxy's socket " + where, error).error().message,
                 "look at HAProxy's log");
}

Failure silent(const std::string& where) {
  return Failure("runtime-silent", "HAProxy does not answer on " + where + " in time", "look at HAProxy's log");
}

// Failure runtime-silent at the deadline.
void wait(int socket, short events, Deadline deadline, const std::string& where) {
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    if (left <= 0) throw silent(where);
    pollfd one{socket, events, 0};
    const int ready = ::poll(&one, 1, static_cast<int>(std::min<long long>(left, 60'000)));
    if (ready > 0) return;
    if (ready < 0 && errno != EINTR) throw broken(where, errno);
  }
}

struct Name {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

Name name_of(const SocketAddress& address) {
  Name name;
  if (!address.path.empty()) {
    sockaddr_un local{};
    local.sun_family = AF_UNIX;
    std::copy(address.path.begin(), address.path.end(), std::begin(local.sun_path));
    std::memcpy(&name.storage, &local, sizeof(local));
    name.size = sizeof(local);
  } else if (address.host.find(':') != std::string::npos) {
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(address.port);
    (void)::inet_pton(AF_INET6, address.host.c_str(), &six.sin6_addr);
    std::memcpy(&name.storage, &six, sizeof(six));
    name.size = sizeof(six);
  } else {
    sockaddr_in four{};
    four.sin_family = AF_INET;
    four.sin_port = htons(address.port);
    (void)::inet_pton(AF_INET, address.host.c_str(), &four.sin_addr);
    std::memcpy(&name.storage, &four, sizeof(four));
    name.size = sizeof(four);
  }
  return name;
}

bool is_loopback(const std::string& host) {
  in_addr four{};
  if (::inet_pton(AF_INET, host.c_str(), &four) == 1) return (ntohl(four.s_addr) >> 24U) == 127;
  in6_addr six{};
  return ::inet_pton(AF_INET6, host.c_str(), &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

}  // namespace

std::string SocketAddress::text() const {
  if (!path.empty()) return sys::printable(path);
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + std::to_string(port);
}

SocketAddress socket_address_from(const std::string& text, const std::string& option) {
  SocketAddress address;
  if (text.starts_with('/')) {
    if (text.size() < sizeof(sockaddr_un::sun_path) && text.find('\0') == std::string::npos) {
      address.path = text;
      return address;
    }
  } else if (const std::size_t colon = text.rfind(':'); colon != std::string::npos) {
    address.host = text.substr(0, colon);
    if (address.host.starts_with('[') && address.host.ends_with(']'))
      address.host = address.host.substr(1, address.host.size() - 2);
    const char* const end = text.data() + text.size();
    const auto [stopped, problem] = std::from_chars(text.data() + colon + 1, end, address.port);
    if (problem == std::errc() && stopped == end && address.port != 0 && is_loopback(address.host)) return address;
  }
  throw Failure::never(
      "bad-option",
      "`" + option + "` of haproxy is no socket of this machine: '" + sys::printable_start(text, 120) + "'",
      "write an absolute path, 127.0.0.1:port or [::1]:port");
}

std::string RuntimeSocket::ask(std::string_view command, std::chrono::milliseconds limit) const {
  const Deadline deadline = std::chrono::steady_clock::now() + limit;
  const std::string where = address_.text();
  const sys::FileDescriptor socket = connect(deadline);
  require_trusted(socket.get());
  while (!command.empty()) {
    const ssize_t sent = ::send(socket.get(), command.data(), command.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      command.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      wait(socket.get(), POLLOUT, deadline, where);
    } else if (errno == EPIPE || errno == ECONNRESET) {
      break;  // it has answered before it read all: a payload that is too long
    } else if (errno != EINTR) {
      throw broken(where, errno);
    }
  }
  std::string answer;
  std::array<char, 16'384> buffer{};
  for (;;) {
    const ssize_t got = ::recv(socket.get(), buffer.data(), buffer.size(), 0);
    if (got == 0) return answer;
    if (got > 0) {
      answer.append(buffer.data(), static_cast<std::size_t>(got));
      if (answer.size() > kMaxAnswer)
        throw Failure("runtime-broken", "HAProxy's answer on " + where + " has no end", "is that HAProxy?");
    } else if (errno == EAGAIN) {
      wait(socket.get(), POLLIN, deadline, where);
    } else if (errno == ECONNRESET) {
      return answer;
    } else if (errno != EINTR) {
      throw broken(where, errno);
    }
  }
}

sys::FileDescriptor RuntimeSocket::connect(Deadline deadline) const {
  const Name name = name_of(address_);
  const std::string where = address_.text();
  sys::FileDescriptor socket(::socket(name.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.is_open()) throw broken(where, errno);
  int error = 0;
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&name.storage), name.size) != 0) {
    error = errno;
    if (error == EAGAIN) throw silent(where);  // a Unix socket whose queue is full
    if (error == EINPROGRESS || error == EINTR) {
      wait(socket.get(), POLLOUT, deadline, where);
      socklen_t size = sizeof(error);
      if (::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
    }
  }
  if (error == 0) return socket;
  if (error == ENOENT || error == ECONNREFUSED || error == ENOTDIR) {
    throw Failure("runtime-absent", "HAProxy does not listen on " + where,
                  "is it running, with a `stats socket` there, level admin?");
  }
  throw broken(where, error);
}

// Whoever listens there gets a private key.
void RuntimeSocket::require_trusted(int socket) const {
  std::vector<uid_t> owners;
  if (!address_.path.empty()) {
    ucred peer{};  // of who called listen(): root's, also when HAProxy has given up its rights since
    socklen_t size = sizeof(peer);
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) throw broken(address_.text(), errno);
    owners = {peer.uid};
  } else {
    owners = port_owners(address_.port);
  }
  const auto is_trusted = [&](uid_t owner) {
    return owner == 0 || owner == ::geteuid() || std::find(trusted_.begin(), trusted_.end(), owner) != trusted_.end();
  };
  if (!owners.empty() && std::all_of(owners.begin(), owners.end(), is_trusted)) return;
  std::string who = owners.empty() ? "nobody knows who" : "user";
  for (const uid_t owner : owners) who += " " + std::to_string(owner);
  throw Failure::never("unsafe-socket", who + " listens on " + address_.text() + ", and would get the private key",
                       "start HAProxy as root, or name its user as `owner`");
}

}  // namespace certctl::haproxy
