// HTTP for the responders, on libmicrohttpd, with limits of its own: one request a connection, a deadline for the whole
// of it however slowly it comes, 1 MiB of body, no ambiguous framing. With TLS every client is asked for a certificate,
// and none is refused: what it is worth is decided by who answers.
#pragma once

#include "framework/devca/answer.hpp"
#include "framework/devca/responder.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace certctl::devca {

struct HttpRequest {
  bool post = false;  // or GET; nothing else comes here
  std::string uri;    // path and query, as sent
  std::string content_type;
  std::string authorization;
  Bytes body;
  std::vector<Bytes> client_certificates;  // DER, its own first; TLS has proved that the client has the key, no more
};

struct TlsServing {
  std::string chain_pem;  // the server's certificate and those above it
  Secret key_pem;
  std::string clients_pem;  // CAs whose names are told to clients
};

class HttpServer {
 public:
  // Called by several threads; must not throw.
  using Handler = std::function<Answer(const HttpRequest& request)>;

  // Listens at once. Fails with "cannot-listen".
  HttpServer(Handler handler, const std::string& address, std::uint16_t port, std::chrono::seconds deadline,
             std::optional<TlsServing> tls = std::nullopt);
  // SCEP without TLS. `responder` is borrowed.
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
