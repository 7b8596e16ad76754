// An nginx of a test's own, in a scratch directory.
#pragma once

#include <signal.h>

#include <filesystem>
#include <initializer_list>
#include <string>
#include <utility>

#include "tests/contract/credentials.hpp"
#include "tests/contract/distributor_suite.hpp"
#include "tests/contract/live_service.hpp"

namespace nginx_test {

using namespace certctl;
using namespace certctl::contract;
namespace fs = std::filesystem;

class Server {
 public:
  // `servers`: blocks of http.
  explicit Server(std::string servers = {}) : servers_(std::move(servers)) {
    need_program("/usr/sbin/nginx", "nginx");
    if (servers_.empty()) servers_ = server();
    configure();
  }
  ~Server() { stop(); }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] std::string server(const std::string& lines = {}) const {
    return "server { listen 127.0.0.1:" + std::to_string(port) + " ssl;\n ssl_certificate " + path("www.pem") +
           ";\n ssl_certificate_key " + path("www.key") + ";\n" + lines + "\n location / { return 200 hello; } }\n";
  }
  [[nodiscard]] std::string path(const std::string& name) const { return (scratch.path() / name).string(); }
  void set_servers(const std::string& servers) {
    servers_ = servers;
    configure();
  }
  // `more`: a line of the main block.
  void configure(const std::string& more = {}) const {
    scratch.write("nginx.conf", more + "user root;\nworker_processes 2;\npid nginx.pid;\nerror_log " +
                                    path("error.log") + " notice;\nevents {}\nhttp {\naccess_log off;\nroot " +
                                    path("www") + ";\nclient_body_temp_path " + path("t1") + ";\nproxy_temp_path " +
                                    path("t2") + ";\nfastcgi_temp_path " + path("t3") + ";\nuwsgi_temp_path " +
                                    path("t4") + ";\nscgi_temp_path " + path("t5") + ";\n" + servers_ + "}\n");
  }
  // Returns when its master has written the pid file.
  void start() const {
    const auto result = shell("/usr/sbin/nginx -c " + path("nginx.conf") + " -p " + scratch.path().string(), "/");
    if (!result.succeeded()) throw std::runtime_error("nginx does not start: " + result.output);
    if (!wait_until([&] { return pid() > 1; })) throw std::runtime_error("nginx writes no pid file");
  }
  void stop() const {
    const pid_t master = pid();
    if (master <= 1 || ::kill(master, SIGTERM) != 0) return;
    (void)wait_until([&] { return !fs::exists(path("nginx.pid")); });  // its last deed
  }
  [[nodiscard]] pid_t pid() const {
    if (!fs::exists(path("nginx.pid"))) return 0;
    const std::string text = Scratch::read(path("nginx.pid"));
    return text.empty() ? 0 : static_cast<pid_t>(std::stol(text));
  }
  [[nodiscard]] bool logged(const std::string& words) const {
    return content_if_there(path("error.log")).find(words) != std::string::npos;
  }

  [[nodiscard]] Options options(std::initializer_list<std::pair<std::string, OptionValue>> more = {}) const {
    Options all = contract::options(CERTCTL_KIND_DISTRIBUTOR, "nginx",
                                    {{"certificate", path("www.pem")},
                                     {"key", path("www.key")},
                                     {"configuration", path("nginx.conf")},
                                     {"prefix", scratch.path().string()}});
    for (const auto& [name, value] : more) all.set(name, value);
    return all;
  }
  [[nodiscard]] Made<DistributorApi> plugin(
      Host& host, std::initializer_list<std::pair<std::string, OptionValue>> more = {}) const {
    return instance<DistributorApi>("nginx", options(more), host);
  }

  const Scratch scratch{Scratch::Where::memory};
  const std::uint16_t port = free_port();

 private:
  std::string servers_;
};

inline Secret install(DistributorApi& plugin, const Credential& credential) {
  Secret token = plugin.prepare(credential, nullptr).value();
  plugin.install(credential, token).value();
  return token;
}

// verify() is one look; the engine repeats it. For a moment after a reload the old workers answer, too.
inline bool becomes_served(DistributorApi& plugin, const Credential& credential) {
  return wait_until([&] {
    const auto served = plugin.verify(credential);
    return served.ok() && Result<Served>(served).value().fingerprint == credential.fingerprint;
  });
}

}  // namespace nginx_test
