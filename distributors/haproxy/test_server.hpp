// A HAProxy of a test's own, in a scratch directory: one certificate is the default, another is chosen by server name.
#pragma once

#include <signal.h>

#include <filesystem>
#include <initializer_list>
#include <map>
#include <string>
#include <utility>

#include "distributors/haproxy/runtime_socket.hpp"
#include "tests/contract/credentials.hpp"
#include "tests/contract/distributor_suite.hpp"
#include "tests/contract/live_service.hpp"

namespace haproxy_test {

using namespace certctl;
using namespace certctl::contract;
namespace fs = std::filesystem;

inline const Credential& credential(const std::string& name) {
  static std::map<std::string, Credential> all;
  const auto found = all.find(name);
  return found != all.end() ? found->second : all.emplace(name, test_credential(name)).first->second;
}
inline const Credential& one() {
  return credential("one");
}
inline const Credential& two() {
  return credential("two");
}
inline const Credential& three() {
  return credential("three");
}

inline std::string combined(const Credential& credential) {
  return credential.key.pem.reveal() + credential.certificate_pem + credential.chain_pem[0];
}

class Server {
 public:
  // `default.pem` holds `one`, `named.pem` holds `three`.
  Server() {
    need_program("/usr/sbin/haproxy", "haproxy");
    scratch.write("default.pem", combined(one()));
    scratch.write("named.pem", combined(three()));
    fs::create_directory(path("more"));
    configure();
  }
  ~Server() { stop(); }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] std::string path(const std::string& name) const { return (scratch.path() / name).string(); }
  [[nodiscard]] std::string socket() const { return path("admin.sock"); }
  // `global`: a line of its section.
  void configure(const std::string& global = {}) const {
    scratch.write("haproxy.cfg",
                  "global\n " + global + "\n stats socket " + socket() +
                      " mode 600 level admin\n stats socket ipv4@127.0.0.1:" + std::to_string(runtime_port) +
                      " level admin\ndefaults\n mode http\n timeout connect 60s\n timeout client " +
                      "60s\n timeout server 60s\nfrontend f\n bind 127.0.0.1:" + std::to_string(port) + " ssl crt " +
                      path("default.pem") + " crt " + path("named.pem") + " crt " + path("more") +
                      "\n http-request return status 200 content-type text/plain string hello\n");
  }
  // Returns when it answers. `mode`: "-W" for a master with workers.
  void start(const std::string& mode = "-W") const {
    const auto result = shell("/usr/sbin/haproxy " + mode + " -D -f " + path("haproxy.cfg") + " -p " + path("pid") +
                                  " </dev/null >" + path("log") + " 2>&1",
                              scratch.path());
    if (!result.succeeded()) throw std::runtime_error("haproxy does not start: " + Scratch::read(path("log")));
    if (!wait_until([&] { return !ask("show info\n").empty(); })) throw std::runtime_error("haproxy does not answer");
  }
  void stop() const {
    const pid_t main = pid();
    if (main <= 1 || ::kill(main, SIGTERM) != 0) return;
    // One that has ended and that nobody waited for has no command line.
    (void)wait_until([&] { return content_if_there("/proc/" + std::to_string(main) + "/cmdline").empty(); });
    fs::remove(path("pid"));
  }
  [[nodiscard]] pid_t pid() const {
    if (!fs::exists(path("pid"))) return 0;
    const std::string text = Scratch::read(path("pid"));
    return text.empty() ? 0 : static_cast<pid_t>(std::stol(text));
  }
  // Empty when nobody answers.
  [[nodiscard]] std::string ask(const std::string& command) const {
    try {
      return haproxy::RuntimeSocket(haproxy::socket_address_from(socket(), "socket")).ask(command, kPatience);
    } catch (const Failure&) {
      return {};
    }
  }

  // For default.pem.
  [[nodiscard]] Options options(std::initializer_list<std::pair<std::string, OptionValue>> more = {}) const {
    Options all = contract::options(CERTCTL_KIND_DISTRIBUTOR, "haproxy",
                                    {{"combined", path("default.pem")},
                                     {"socket", socket()},
                                     {"configuration", path("haproxy.cfg")},
                                     {"pid", path("pid")},
                                     {"listen", std::vector<std::string>{"127.0.0.1:" + std::to_string(port)}}});
    for (const auto& [name, value] : more) all.set(name, value);
    return all;
  }
  [[nodiscard]] Made<DistributorApi> plugin(
      Host& host, std::initializer_list<std::pair<std::string, OptionValue>> more = {}) const {
    return instance<DistributorApi>("haproxy", options(more), host);
  }

  const Scratch scratch{Scratch::Where::memory};
  const std::uint16_t port = free_port();
  const std::uint16_t runtime_port = free_port();
};

inline Secret install(DistributorApi& plugin, const Credential& credential) {
  Secret token = plugin.prepare(credential, nullptr).value();
  plugin.install(credential, token).value();
  return token;
}

// verify() is one look; the engine repeats it. For a moment after a reload the old worker answers, too.
inline bool becomes_served(DistributorApi& plugin, const Credential& credential) {
  return wait_until([&] {
    auto served = plugin.verify(credential);
    return served.ok() && served.value().fingerprint == credential.fingerprint;
  });
}

inline bool becomes_shown(const Server& server, const Credential& credential, const std::string& name = {}) {
  return wait_until([&] { return served_serial(server.port, name) == credential.serial; });
}

// An Error's first word, and its message.
template <class Value>
std::string said(const Result<Value>& result) {
  return result.ok() ? "no error" : result.error().code + ": " + result.error().message;
}

}  // namespace haproxy_test
