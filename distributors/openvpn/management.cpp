#include "distributors/openvpn/management.hpp"

#include <certctl/result.hpp>

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

#include "framework/sys/file_descriptor.hpp"
#include "framework/sys/shown_output.hpp"

namespace certctl::openvpn {
namespace {

constexpr std::size_t kMostBytes = 64U << 10U;
constexpr std::string_view kAsksPassword = "ENTER PASSWORD:";

Failure failed(const std::string& address, const std::string& why) {
  return Failure("management-failed", "openvpn's management interface " + address + ": " + why,
                 "see `management` in its configuration; only one client at a time is served there");
}

std::string words_of(int error) {
  return std::generic_category().message(error);
}

class Conversation {
 public:
  Conversation(const std::string& address, std::chrono::milliseconds limit)
      : address_(address), deadline_(std::chrono::steady_clock::now() + limit) {}

  void connect(const sockaddr* address, socklen_t size) {
    socket_ = sys::FileDescriptor(::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket_.is_open()) throw failed(address_, words_of(errno));
    if (::connect(socket_.get(), address, size) == 0) return;
    if (errno != EINPROGRESS) throw failed(address_, words_of(errno));
    wait(POLLOUT);
    int error = 0;
    socklen_t length = sizeof error;
    (void)::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &length);
    if (error != 0) throw failed(address_, words_of(error));
  }
  void send(const std::string& text) {
    for (std::string_view rest = text; !rest.empty();) {
      const ssize_t sent = ::send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
      if (sent >= 0) {
        rest.remove_prefix(static_cast<std::size_t>(sent));
      } else if (errno == EAGAIN) {
        wait(POLLOUT);
      } else if (errno != EINTR) {
        throw failed(address_, words_of(errno));
      }
    }
  }
  // A line without its end; or the question for a password, which is none.
  std::string line() {
    for (;;) {
      if (received_.starts_with(kAsksPassword)) {
        received_.erase(0, kAsksPassword.size());
        return std::string(kAsksPassword);
      }
      if (const std::size_t end = received_.find('\n'); end != std::string::npos) {
        std::string line = received_.substr(0, end);
        received_.erase(0, end + 1);
        if (line.ends_with('\r')) line.pop_back();
        return line;
      }
      receive();
    }
  }

 private:
  void wait(short events) const {
    pollfd one{socket_.get(), events, 0};
    for (;;) {
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - std::chrono::steady_clock::now()).count();
      if (left <= 0) throw failed(address_, "does not answer in time");
      const int ready = ::poll(&one, 1, static_cast<int>(left));
      if (ready > 0) return;
      if (ready < 0 && errno != EINTR) throw failed(address_, words_of(errno));
    }
  }
  void receive() {
    std::array<char, 4096> bytes{};
    for (;;) {
      wait(POLLIN);
      const ssize_t got = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
      if (got > 0) {
        total_ += static_cast<std::size_t>(got);
        if (total_ > kMostBytes) throw failed(address_, "says more than an answer can need");
        received_.append(bytes.data(), static_cast<std::size_t>(got));
        return;
      }
      if (got == 0) throw failed(address_, "ends the connection");
      if (errno != EAGAIN && errno != EINTR) throw failed(address_, words_of(errno));
    }
  }

  const std::string& address_;
  std::chrono::steady_clock::time_point deadline_;
  sys::FileDescriptor socket_;
  std::string received_;
  std::size_t total_ = 0;
};

}  // namespace

Management::Management(std::string address, Secret password)
    : address_(std::move(address)), password_(std::move(password)) {
  const auto bad = [&](const std::string& why) {
    return Failure::never("bad-option", "`management` of openvpn " + why, "a socket's path, or 127.0.0.1:7505");
  };
  if (password_.reveal().find_first_of("\r\n") != std::string::npos)
    throw Failure::never("bad-option", "`management_password` of openvpn has several lines", "give one line");
  if (address_.starts_with('/')) {
    if (address_.size() >= sizeof(sockaddr_un::sun_path)) throw bad("is too long for a socket");
    return;
  }
  const std::size_t colon = address_.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == address_.size()) throw bad("is no address");
  host_ = address_.substr(0, colon);
  if (host_.starts_with('[') && host_.ends_with(']')) host_ = host_.substr(1, host_.size() - 2);
  port_ = address_.substr(colon + 1);
}

std::string Management::ask(const std::string& command, bool until_end, std::chrono::milliseconds limit) const {
  Conversation conversation(address_, limit);
  if (port_.empty()) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, address_.data(), address_.size());
    conversation.connect(reinterpret_cast<const sockaddr*>(&address), sizeof address);
  } else {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;  // no name service: it is a loopback address
    addrinfo* list = nullptr;
    if (const int error = ::getaddrinfo(host_.c_str(), port_.c_str(), &hints, &list); error != 0)
      throw failed(address_, ::gai_strerror(error));
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(list, &::freeaddrinfo);
    conversation.connect(list->ai_addr, list->ai_addrlen);
  }
  std::string answer;
  bool asked = false;
  bool identified = false;
  for (;;) {
    std::string line;
    try {
      line = conversation.line();
    } catch (const Failure&) {
      if (identified && !asked) throw failed(address_, "refuses the password");  // it may just hang up
      throw;
    }
    if (!identified && line == kAsksPassword) {
      if (password_.empty()) throw failed(address_, "wants a password (`management_password`)");
      conversation.send(password_.reveal() + "\n");
      identified = true;
    } else if (line == kAsksPassword) {
      throw failed(address_, "refuses the password");
    } else if (line.starts_with("ERROR:")) {
      throw failed(address_, sys::shown_start(line));
    } else if (!asked && line.starts_with(">INFO:")) {
      conversation.send(command + "\n");
      asked = true;
    } else if (asked && !line.starts_with('>')) {
      if (until_end && line == "END") return answer;
      answer = line;
      if (!until_end) return answer;
    }
  }
}

std::string Management::state(std::chrono::milliseconds limit) const {
  return ask("state", true, limit);
}

void Management::signal(const std::string& name, std::chrono::milliseconds limit) const {
  const std::string answer = ask("signal " + name, false, limit);
  if (!answer.starts_with("SUCCESS:")) throw failed(address_, sys::shown_start(answer));
}

std::string state_name(const std::string& line) {
  const std::size_t first = line.find(',');
  if (first == std::string::npos) return {};
  return line.substr(first + 1, line.find(',', first + 1) - first - 1);
}

}  // namespace certctl::openvpn
