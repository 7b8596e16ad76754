#include "distributors/swanctl/dead_end.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "framework/sys/system_error.hpp"

namespace certctl::swanctl {
namespace {

// False when it is time to end.
bool wait_for(int descriptor, int stop) {
  std::array<pollfd, 2> both{pollfd{descriptor, POLLIN, 0}, pollfd{stop, POLLIN, 0}};
  while (::poll(both.data(), both.size(), -1) < 0) {
    if (errno != EINTR) return false;
  }
  return both[1].revents == 0;
}

}  // namespace

DeadEnd::DeadEnd()
    : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), stop_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  const std::string what = "cannot test the configuration of swanctl: no port on loopback";
  if (!listener_.is_open() || !stop_.is_open()) throw sys::system_failure(what, errno);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const plain = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_.get(), plain, size) != 0 || ::listen(listener_.get(), 4) != 0 ||
      ::getsockname(listener_.get(), plain, &size) != 0) {
    throw sys::system_failure(what, errno);
  }
  uri_ = "tcp://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  thread_ = std::thread([this] { serve(); });
}

DeadEnd::~DeadEnd() {
  const std::uint64_t one = 1;
  (void)!::write(stop_.get(), &one, sizeof one);
  thread_.join();
}

void DeadEnd::serve() const {
  while (wait_for(listener_.get(), stop_.get())) {
    const sys::FileDescriptor connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!connection.is_open() || !wait_for(connection.get(), stop_.get())) continue;
    std::array<char, 256> bytes{};
    (void)!::recv(connection.get(), bytes.data(), bytes.size(), 0);
  }
}

}  // namespace certctl::swanctl
