#include "framework/daemon/web/engine_client.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace certctl::web {
namespace {

using nlohmann::json;
using Steady = std::chrono::steady_clock;

void wait_for(int socket, short events, Steady::time_point until) {
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Steady::now()).count();
    if (left <= 0) throw std::runtime_error("the engine did not answer in time");
    pollfd one{socket, events, 0};
    const int ready = ::poll(&one, 1, static_cast<int>(std::min<long long>(left, 60'000)));
    if (ready > 0) return;
    if (ready < 0 && errno != EINTR) throw std::runtime_error(std::strerror(errno));
  }
}

json engine_gone(const std::string& why) {
  return {{"code", "engine-gone"},
          {"message", "the engine cannot be asked: " + why},
          {"hint", "is `certctl serve --page-user` running? See its log"}};
}

}  // namespace

void EngineClient::connect() {
  if (socket_.is_open()) return;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_path_.size() >= sizeof address.sun_path) throw std::runtime_error("the socket's path is too long");
  std::memcpy(address.sun_path, socket_path_.data(), socket_path_.size());
  sys::FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket.is_open() || ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error(socket_path_ + ": " + std::strerror(errno));
  socket_ = std::move(socket);
  incoming_.clear();
}

void EngineClient::send(const std::string& line, Steady::time_point until) {
  std::size_t sent = 0;
  while (sent < line.size()) {
    wait_for(socket_.get(), POLLOUT, until);
    const ssize_t count = ::send(socket_.get(), line.data() + sent, line.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count < 0) throw std::runtime_error(std::strerror(errno));
    sent += static_cast<std::size_t>(count);
  }
}

json EngineClient::receive(Steady::time_point until) {
  std::array<char, 65536> chunk{};
  for (;;) {
    if (const std::size_t end = incoming_.find('\n'); end != std::string::npos) {
      json object =
          json::parse(incoming_.begin(), incoming_.begin() + static_cast<std::ptrdiff_t>(end), nullptr, false);
      incoming_.erase(0, end + 1);
      if (!object.is_object()) throw std::runtime_error("it answered with something else than JSON");
      return object;
    }
    if (incoming_.size() > kLongestAnswer) throw std::runtime_error("its answer is too long");
    wait_for(socket_.get(), POLLIN, until);
    const ssize_t count = ::recv(socket_.get(), chunk.data(), chunk.size(), MSG_DONTWAIT);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count < 0) throw std::runtime_error(std::strerror(errno));
    if (count == 0) throw std::runtime_error("it closed the connection");
    incoming_.append(chunk.data(), static_cast<std::size_t>(count));
  }
}

EngineAnswer EngineClient::ask(const json& question, std::chrono::seconds deadline, const OnLog& on_log) noexcept {
  EngineAnswer answer;
  try {
    const auto until = Steady::now() + deadline;
    connect();
    send(question.dump(-1, ' ', false, json::error_handler_t::replace) + "\n", until);
    for (;;) {
      json object = receive(until);
      if (const auto log = object.find("log"); log != object.end() && log->is_object()) {
        if (on_log) on_log(log->value("level", ""), log->value("line", ""));
        continue;
      }
      answer.result = std::move(object["result"]);
      break;
    }
    if (const auto error = answer.result.find("error"); answer.result.is_object() && error != answer.result.end())
      answer.error = *error;
  } catch (const std::exception& exception) {
    socket_.close();
    answer.error = engine_gone(exception.what());
  } catch (...) {
    socket_.close();
    answer.error = engine_gone("out of memory");
  }
  return answer;
}

}  // namespace certctl::web
