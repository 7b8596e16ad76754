#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include "framework/net/http_client.hpp"
#include "framework/sys/subprocess.hpp"
#include "tests/contract/test_host.hpp"
#include "tests/unit/net/scripted_server.hpp"

using namespace certctl;
using namespace certctl::net;
using namespace std::chrono_literals;
using certctl::contract::Scratch;

namespace {

void shell(const Scratch& scratch, const std::string& text) {
  sys::ProcessRequest request;
  request.command = {true, {"set -e\n" + text}};
  request.environment = {"PATH=/usr/bin:/bin"};
  request.directory = scratch.path();
  const auto result = sys::run_process(request);
  INFO(result.output);
  REQUIRE(result.succeeded());
}

// openssl's own server, answering with a file.
class TlsServer {
 public:
  explicit TlsServer(const Scratch& scratch) {
    port_ = test::free_port();
    const std::string address = "127.0.0.1:" + std::to_string(port_);
    pid_ = ::fork();
    if (pid_ == 0) {
      if (::chdir(scratch.path().c_str()) == 0)
        ::execlp("openssl", "openssl", "s_server", "-quiet", "-accept", address.c_str(), "-cert", "server.crt", "-key",
                 "server.key", "-HTTP", nullptr);
      ::_exit(99);
    }
  }
  ~TlsServer() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;
  [[nodiscard]] std::string url(const std::string& host) const {
    return "https://" + host + ":" + std::to_string(port_) + "/reply";
  }

 private:
  int port_ = 0;
  pid_t pid_ = -1;
};

struct Outcome {
  std::string code;
  std::string text;
  bool nothing_sent = false;
};

Outcome get(const std::string& url, const std::string& ca_file) {
  HttpSettings settings;
  settings.tls_ca_file = ca_file;
  settings.timeout = 5s;
  HttpRequest request;
  request.url = url;
  for (int attempt = 0;; ++attempt) {
    try {
      const HttpReply reply = HttpClient(settings).send(request);
      return {"", {reply.body.begin(), reply.body.end()}, false};
    } catch (const HttpFailure& failure) {
      if (failure.error().code == "ca-unreachable" && attempt < 100) {  // the server is starting
        std::this_thread::sleep_for(20ms);
        continue;
      }
      return {failure.error().code, failure.error().message, failure.nothing_sent()};
    }
  }
}

}  // namespace

//
TEST_CASE("https is believed by the CA file and nothing else") {
  const Scratch scratch;
  shell(scratch,
        "openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -subj /CN=ca -days 30\n"
        "openssl req -x509 -newkey rsa:2048 -nodes -keyout other.key -out other.crt -subj /CN=ca -days 30\n"
        "openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=localhost\n"
        "echo subjectAltName=DNS:localhost > ext\n"
        "openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out server.crt -days 30 -extfile "
        "ext\n"
        "printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 6\\r\\n\\r\\nsecure' > reply\n"
        "echo nonsense > broken.crt\n");
  const TlsServer server(scratch);
  const std::string directory = scratch.path();

  const auto good = get(server.url("localhost"), directory + "/ca.crt");
  CHECK(good.code.empty());
  CHECK(good.text == "secure");

  const auto wrong_ca = get(server.url("localhost"), directory + "/other.crt");
  CHECK(wrong_ca.code == "tls-untrusted");
  CHECK(wrong_ca.nothing_sent);
  const auto system = get(server.url("localhost"), "");
  CHECK(system.code == "tls-untrusted");
  const auto wrong_name = get(server.url("127.0.0.1"), directory + "/ca.crt");
  CHECK(wrong_name.code == "tls-untrusted");
  CHECK(wrong_name.nothing_sent);

  CHECK(get(server.url("localhost"), directory + "/missing.crt").code == "bad-ca-file");
  CHECK(get(server.url("localhost"), directory + "/broken.crt").code == "bad-ca-file");
}

TEST_CASE("a server without TLS is not spoken to without it") {
  test::ScriptedServer server(
      [](test::Connection& connection, const std::string&) { connection.send("HTTP/1.1 200 OK\r\n\r\nplain"); }, false);
  const auto outcome = get("https://127.0.0.1:" + std::to_string(server.port()) + "/", "");
  CHECK(outcome.code == "tls-failed");
  CHECK(outcome.nothing_sent);
}
