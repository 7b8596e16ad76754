#include "framework/devca/http_server.hpp"
#include "tests/unit/devca/scep_client.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include <atomic>
#include <thread>

using namespace certctl;
using namespace certctl::devca;
using namespace certctl::devca::test;
using Steady = std::chrono::steady_clock;

namespace {

class Connection {
 public:
  explicit Connection(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error("connect");
  }
  ~Connection() { ::close(socket_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // False when the other side has closed.
  bool send(const std::string& text) const {
    return ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
  }
  // Until the other side closes, or the time is over.
  [[nodiscard]] std::string receive(std::chrono::milliseconds time = std::chrono::seconds{10}) const {
    std::string text;
    const auto end = Steady::now() + time;
    while (true) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Steady::now());
      pollfd waiting{socket_, POLLIN, 0};
      if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) <= 0) return text + "[still open]";
      char buffer[4096];
      const ssize_t count = ::recv(socket_, buffer, sizeof buffer, 0);
      if (count <= 0) return text;
      text.append(buffer, static_cast<std::size_t>(count));
    }
  }

 private:
  int socket_;
};

struct Served {
  explicit Served(std::chrono::seconds deadline = std::chrono::seconds{20})
      : server(*ca.responder, "127.0.0.1", 0, deadline) {}
  [[nodiscard]] std::string ask(const std::string& text) const {
    const Connection connection(server.port());
    connection.send(text);
    return connection.receive();
  }
  TestCa ca;
  HttpServer server;
};

}  // namespace

//
TEST_CASE("any path, HTTP/1.0 and 1.1, one request a connection", "[SCEP-132]") {
  const Served served;
  for (const char* path : {"/scep", "/scep/", "/scep/pkiclient.exe", "/cgi-bin/pkiclient.exe", "/"}) {
    const std::string old = served.ask(std::string("GET ") + path + "?operation=GetCACaps HTTP/1.0\r\n\r\n");
    CHECK(old.find(" 200 ") != std::string::npos);
    CHECK(old.find("POSTPKIOperation") != std::string::npos);
  }
  const std::string reply = served.ask("GET /scep?operation=GetCACaps HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(reply.starts_with("HTTP/1.1 200 OK"));
  CHECK(reply.find("Connection: close") != std::string::npos);
  CHECK(served.ask("DELETE / HTTP/1.1\r\nHost: x\r\n\r\n").starts_with("HTTP/1.1 405"));
}

//
TEST_CASE("POST of any content type, with a length or in chunks", "[SCEP-137][SCEP-138]") {
  Served served;
  TestClient client(served.ca);
  client.transaction_id = scep::fresh_transaction_id();
  client.signer = client.self_signed();
  const Bytes message = client.message(scep::MessageType::pkcs_req, client.csr(), *client.signer);
  const std::string body(message.begin(), message.end());
  for (const char* type : {"", "Content-Type: application/x-pki-message\r\n", "Content-Type: text/html\r\n"}) {
    const std::string reply = served.ask(std::string("POST /scep?operation=PKIOperation HTTP/1.1\r\nHost: x\r\n") +
                                         type + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    CHECK(reply.starts_with("HTTP/1.1 200"));
    CHECK(reply.find("application/x-pki-message") != std::string::npos);
  }
  char size[20];
  std::snprintf(size, sizeof size, "%zx", body.size());
  CHECK(served
            .ask("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(size) + "\r\n" +
                 body + "\r\n0\r\n\r\n")
            .starts_with("HTTP/1.1 200"));
  CHECK(State(served.ca.settings.state).all_issued().size() == 1);
}

TEST_CASE("where a request ends must be clear") {
  const Served served;
  const std::string start = "POST / HTTP/1.1\r\nHost: x\r\n";
  const auto refused = [&](const std::string& headers) {
    const std::string reply = served.ask(start + headers + "\r\nabc");
    INFO(headers << " -> " << reply.substr(0, 40));
    // Refused by us with a reply, or by the library with or without one: never taken for a message.
    return reply.find("HTTP/1.1 200") == std::string::npos && reply.find("no SCEP message") == std::string::npos &&
           reply.find("still open") == std::string::npos;
  };
  CHECK(refused("Content-Length: 3\r\nContent-Length: 3\r\n"));
  CHECK(refused("Content-Length: 3\r\nContent-Length: 4\r\n"));
  CHECK(refused("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"));
  CHECK(refused("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"));
  CHECK(refused("Transfer-Encoding: gzip, chunked\r\n"));
  CHECK(refused("Content-Length: -3\r\n"));
  CHECK(refused("Content-Length: 3x\r\n"));
  CHECK(refused("Content-Length: 99999999999999999999\r\n"));
  CHECK(refused("Content-Length: 2000000\r\n"));
}

TEST_CASE("a deadline holds for the whole request, however slowly it comes") {
  const Served served(std::chrono::seconds{1});
  const auto begin = Steady::now();
  const Connection headers(served.server.port());
  const Connection body(served.server.port());
  body.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n");
  headers.send("GET /scep?operation=");
  bool headers_open = true;
  bool body_open = true;
  while ((headers_open || body_open) && Steady::now() - begin < std::chrono::seconds{8}) {
    headers_open = headers_open && headers.send("a");
    body_open = body_open && body.send("a");
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
  CHECK_FALSE(headers_open);
  CHECK_FALSE(body_open);
  CHECK(Steady::now() - begin < std::chrono::seconds{4});
  // Others are served meanwhile and afterwards.
  CHECK(served.ask("GET /?operation=GetCACaps HTTP/1.0\r\n\r\n").find(" 200 ") != std::string::npos);
}

TEST_CASE("a crowd of silent connections ends by itself") {
  const Served served(std::chrono::seconds{1});
  std::vector<std::unique_ptr<Connection>> crowd;
  for (int i = 0; i < 100; ++i) crowd.push_back(std::make_unique<Connection>(served.server.port()));
  std::this_thread::sleep_for(std::chrono::milliseconds{2500});
  CHECK(served.ask("GET /?operation=GetCACaps HTTP/1.0\r\n\r\n").find(" 200 ") != std::string::npos);
}

TEST_CASE("faults of the transport") {
  Served served(std::chrono::seconds{3});
  const std::string request = "GET /?operation=GetCACaps HTTP/1.1\r\nHost: x\r\n\r\n";
  served.ca.fault("caps/close");
  CHECK(served.ask(request).empty());
  served.ca.fault("caps/truncated");
  const std::string cut = served.ask(request);
  INFO(cut);
  CHECK(cut.find("Content-Length: 69") != std::string::npos);
  CHECK(cut.find("AES") != std::string::npos);
  CHECK(cut.find("SHA-512") == std::string::npos);
  served.ca.fault("caps/redirect");
  const std::string redirect = served.ask(request);
  CHECK(redirect.starts_with("HTTP/1.1 302"));
  CHECK(redirect.find("Location: /?operation=GetCACaps\r\n") != std::string::npos);
  served.ca.fault("caps/hang");
  const auto begin = Steady::now();
  CHECK(served.ask(request).empty());
  CHECK(Steady::now() - begin > std::chrono::seconds{2});
  served.ca.fault("caps/slow");
  CHECK(served.ask(request).find("SHA-512") == std::string::npos);
  served.ca.fault("caps/endless");
  {
    const Connection connection(served.server.port());
    connection.send(request);
    CHECK(connection.receive(std::chrono::milliseconds{500}).size() > 4096);
  }
}

TEST_CASE("the server ends at once, whatever its connections do") {
  TestCa ca;
  ca.fault("caps/hang");
  auto server = std::make_unique<HttpServer>(*ca.responder, "127.0.0.1", std::uint16_t{0}, std::chrono::seconds{60});
  const Connection hanging(server->port());
  const Connection silent(server->port());
  hanging.send("GET /?operation=GetCACaps HTTP/1.0\r\n\r\n");
  std::this_thread::sleep_for(std::chrono::milliseconds{200});
  const auto begin = Steady::now();
  server.reset();
  CHECK(Steady::now() - begin < std::chrono::seconds{3});
}

TEST_CASE("an address that cannot be listened on is said") {
  TestCa ca;
  CHECK_THROWS_AS(HttpServer(*ca.responder, "localhost", 0, std::chrono::seconds{1}), Failure);
  CHECK_THROWS_AS(HttpServer(*ca.responder, "192.0.2.77", 0, std::chrono::seconds{1}), Failure);
  const HttpServer first(*ca.responder, "127.0.0.1", 0, std::chrono::seconds{1});
  CHECK_THROWS_AS(HttpServer(*ca.responder, "127.0.0.1", first.port(), std::chrono::seconds{1}), Failure);
}

TEST_CASE("many clients at once get one certificate each") {
  Served served;
  std::atomic<int> good{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 8; ++i)
    clients.emplace_back([&, i] {
      TestClient client(served.ca, "router-" + std::to_string(i), KeySpec{});
      client.transaction_id = scep::fresh_transaction_id();
      client.signer = client.self_signed();
      const Bytes message = client.message(scep::MessageType::pkcs_req, client.csr(), *client.signer);
      const std::string reply = served.ask("POST / HTTP/1.0\r\nContent-Length: " + std::to_string(message.size()) +
                                           "\r\n\r\n" + std::string(message.begin(), message.end()));
      if (reply.find(" 200 ") != std::string::npos) ++good;
    });
  for (std::thread& client : clients) client.join();
  CHECK(good == 8);
  CHECK(State(served.ca.settings.state).all_issued().size() == 8);
}
