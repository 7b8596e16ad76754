// HTTP/1.1 for the page, on libmicrohttpd: one thread for all connections, a few for the answers. One request a
// connection; it has to be there whole in kRequestTime, however slowly it comes, and be unambiguous in where it ends.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "framework/page/request.hpp"
#include "framework/sys/file_descriptor.hpp"

namespace certctl::web {

// "ADDRESS:PORT", "[ADDRESS]:PORT" or "unix:PATH".
struct Listener {
  sys::FileDescriptor socket;
  std::string shown;   // as it is, with the port that the system chose for port 0
  bool local = false;  // loopback or unix: nobody else reaches it
  bool is_unix = false;
};
// Failure cannot-listen, bad-arguments.
[[nodiscard]] Listener listen_at(const std::string& where);

class HttpServer {
 public:
  // Called from several threads; must not throw.
  using Handler = std::function<page::Response(const page::Request&)>;

  // `forwarded`: a proxy of ours stands before it and says in X-Forwarded-For who asks.
  HttpServer(Listener listener, bool forwarded, Handler handler);
  ~HttpServer();  // waits for answers that are being made
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  static constexpr unsigned kMostConnections = 512;
  static constexpr std::size_t kLongestBody = 512U << 10U;
  static constexpr std::size_t kMostBodies = 8U << 20U;  // of all connections together
  static constexpr std::chrono::seconds kRequestTime{15};
  static constexpr std::chrono::seconds kAnswerTime{60};
  // With half of the connections in use, those that are not whole after this make room.
  static constexpr std::chrono::seconds kCrowdedTime{2};

  struct Implementation;

 private:
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace certctl::web
