// A server on 127.0.0.1 that says, byte by byte, what the test wants.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace certctl::net::test {

class Connection {
 public:
  explicit Connection(int socket, const std::atomic<bool>& stop) : socket_(socket), stop_(stop) {}
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  // Up to the end of headers and as much of a body as Content-Length says.
  std::string read_request();
  // False when the client has gone or the test is over.
  bool send(std::string_view bytes);
  bool pause(int milliseconds);
  // The client has closed its end.
  [[nodiscard]] bool gone() const;
  // Waits until something has come, and reads nothing of it.
  void wait_for_bytes() const;
  // Closes so that the client gets a reset.
  void reset();

 private:
  int socket_;
  const std::atomic<bool>& stop_;
};

class ScriptedServer {
 public:
  using Script = std::function<void(Connection&, const std::string& request)>;
  // `port`: 0 takes a free one. `ipv6`: on ::1 instead.
  explicit ScriptedServer(Script script, bool read_first = true, int port = 0, bool ipv6 = false);
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;
  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::string url(const std::string& path = "/scep") const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  [[nodiscard]] std::vector<std::string> requests() const;

 private:
  void serve();
  Script script_;
  bool read_first_;
  int port_ = 0;  // before listener_, which sets it
  int listener_ = -1;
  std::atomic<bool> stop_{false};
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::thread thread_;
};

// Listens and never accepts, its queue full: a further connection gets no answer at all.
class FullListener {
 public:
  FullListener();
  ~FullListener();
  FullListener(const FullListener&) = delete;
  FullListener& operator=(const FullListener&) = delete;
  [[nodiscard]] int port() const { return port_; }

 private:
  int port_ = 0;
  std::vector<int> sockets_;
};

// A port on which nobody listens.
int free_port();

}  // namespace certctl::net::test
