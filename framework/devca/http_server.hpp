// HTTP for the responder, on libmicrohttpd, with limits of its own: one request a connection, a deadline for the whole
// of it however slowly it comes, 1 MiB of body, no ambiguous framing.
#pragma once

#include "framework/devca/responder.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace certctl::devca {

class HttpServer {
 public:
  // Listens at once. `responder` is borrowed. Fails with "cannot-listen".
  HttpServer(Responder& responder, const std::string& address, std::uint16_t port, std::chrono::seconds deadline);
  ~HttpServer();  // ends open connections
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept;

  struct Implementation;

 private:
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace certctl::devca
