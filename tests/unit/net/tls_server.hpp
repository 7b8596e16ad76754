// openssl's own server, and an exchange with it.
#pragma once

#include <catch2/catch.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include "framework/net/http_client.hpp"
#include "framework/sys/subprocess.hpp"
#include "tests/contract/test_host.hpp"
#include "tests/unit/net/scripted_server.hpp"

namespace certctl::net::test {

inline void shell(const contract::Scratch& scratch, const std::string& text) {
  sys::ProcessRequest request;
  request.command = {true, {"set -e\n" + text}};
  request.environment = {"PATH=/usr/bin:/bin"};
  request.directory = scratch.path();
  const auto result = sys::run_process(request);
  INFO(result.output);
  REQUIRE(result.succeeded());
}

// With server.crt and server.key of `scratch`; `more`: what it answers with (-www, -HTTP), and what it demands.
class TlsServer {
 public:
  TlsServer(const contract::Scratch& scratch, std::vector<const char*> more) {
    port_ = free_port();
    const std::string address = "127.0.0.1:" + std::to_string(port_);
    std::vector<const char*> arguments{"openssl", "s_server",   "-quiet", "-accept",   address.c_str(),
                                       "-cert",   "server.crt", "-key",   "server.key"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    arguments.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ == 0) {
      if (::chdir(scratch.path().c_str()) == 0) ::execvp("openssl", const_cast<char**>(arguments.data()));
      ::_exit(99);
    }
  }
  ~TlsServer() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;
  [[nodiscard]] std::string url(const std::string& host = "localhost", const std::string& path = "/") const {
    return "https://" + host + ":" + std::to_string(port_) + path;
  }

 private:
  int port_ = 0;
  pid_t pid_ = -1;
};

struct TlsOutcome {
  std::string code;
  std::string text;
  bool nothing_sent = false;
};

inline TlsOutcome get_over_tls(const std::string& url, HttpSettings settings) {
  using namespace std::chrono_literals;
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

}  // namespace certctl::net::test
