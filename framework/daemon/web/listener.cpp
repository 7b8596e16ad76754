#include <certctl/result.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "framework/daemon/web/http_server.hpp"

namespace certctl::web {
namespace {

constexpr int kBacklog = 128;

[[noreturn]] void cannot(const std::string& where) {
  throw Failure::never("cannot-listen", "cannot listen at " + where + ": " + std::strerror(errno),
                       "is another program there already?");
}

Listener at_unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path)
    throw Failure::never("bad-arguments", "the path of the socket is empty or too long",
                         "unix:/run/certctl-web/page.sock");
  std::memcpy(address.sun_path, path.data(), path.size());
  struct stat status {};
  if (::lstat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode)) ::unlink(path.c_str());
  Listener listener{sys::FileDescriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)), "unix:" + path, true, true};
  if (!listener.socket.is_open() ||
      ::bind(listener.socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::chmod(path.c_str(), 0666) != 0 ||  // as at a loopback address: the password decides
      ::listen(listener.socket.get(), kBacklog) != 0)
    cannot(listener.shown);
  return listener;
}

// The text before the last colon, without brackets, and the number after it.
std::pair<std::string, std::uint16_t> split(const std::string& where) {
  const std::size_t colon = where.rfind(':');
  std::uint16_t port = 0;
  bool good = colon != std::string::npos;
  if (good) {
    const char* end = where.data() + where.size();
    const auto read = std::from_chars(where.data() + colon + 1, end, port);
    good = read.ec == std::errc() && read.ptr == end;
  }
  if (!good)
    throw Failure::never("bad-arguments", "'" + where + "' is no ADDRESS:PORT and no unix:PATH", "127.0.0.1:8740");
  std::string host = where.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return {host, port};
}

}  // namespace

Listener listen_at(const std::string& where) {
  if (where.starts_with("unix:")) return at_unix(where.substr(5));
  const auto [host, port] = split(where);
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  const bool is_v4 = ::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1;
  if (!is_v4 && ::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) != 1)
    throw Failure::never("bad-arguments", "'" + host + "' is no IP address", "127.0.0.1:8740");
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  const auto* address = is_v4 ? reinterpret_cast<const sockaddr*>(&v4) : reinterpret_cast<const sockaddr*>(&v6);
  const socklen_t length = is_v4 ? sizeof v4 : sizeof v6;
  Listener listener;
  listener.socket = sys::FileDescriptor(::socket(is_v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  if (!listener.socket.is_open() ||
      ::setsockopt(listener.socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      ::bind(listener.socket.get(), address, length) != 0 || ::listen(listener.socket.get(), kBacklog) != 0)
    cannot(where);
  listener.local = is_v4 ? (ntohl(v4.sin_addr.s_addr) >> 24U) == 127 : IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr) != 0;
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  if (::getsockname(listener.socket.get(), reinterpret_cast<sockaddr*>(&bound), &size) != 0) cannot(where);
  const std::uint16_t its_port = ntohs(is_v4 ? reinterpret_cast<const sockaddr_in*>(&bound)->sin_port
                                             : reinterpret_cast<const sockaddr_in6*>(&bound)->sin6_port);
  listener.shown = (is_v4 ? host : "[" + host + "]") + ":" + std::to_string(its_port);
  return listener;
}

}  // namespace certctl::web
