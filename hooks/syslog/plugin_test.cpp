#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include <cstdlib>
#include <cstring>
#include <ctime>
#include <memory>

#include "tests/contract/hook_suite.hpp"
#include "tests/contract/instance.hpp"
#include "tests/contract/test_host.hpp"

using namespace certctl;
using namespace certctl::contract;

namespace {

// Where a log daemon would listen.
class Log {
 public:
  Log(const std::string& path, int type) {
    socket_ = ::socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    REQUIRE(::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    if (type == SOCK_STREAM) REQUIRE(::listen(socket_, 4) == 0);
    stream_ = type == SOCK_STREAM;
    const timeval patience{2, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  ~Log() { ::close(socket_); }
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
  [[nodiscard]] bool waiting() const {
    char byte = 0;
    return ::recv(socket_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0;
  }
  std::string line() {
    const int from = stream_ ? ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC) : socket_;
    char buffer[4096];
    const auto got = ::read(from, buffer, sizeof buffer);
    if (stream_) ::close(from);
    return got > 0 ? std::string(buffer, static_cast<std::size_t>(got)) : std::string();
  }

 private:
  int socket_ = -1;
  bool stream_ = false;
};

Event event_of(const std::string& name, const std::string& message) {
  Event event;
  event.name = name;
  event.profile = "ipsec";
  event.message = message;
  return event;
}

std::string after_pid(const std::string& line) {
  const auto at = line.find("]: ");
  return at == std::string::npos ? line : line.substr(at + 3);
}

}  // namespace

TEST_CASE("an event is one line with facility, severity, time, tag and process") {
  ::setenv("TZ", "UTC", 1);
  ::tzset();
  TestHost host;
  const std::string path = host.state().scratch.path() / "log";
  Log log(path, SOCK_DGRAM);
  auto hook = instance<HookApi>("syslog", {{"socket", path}}, host);
  CHECK_FALSE(hook->supports_veto());
  REQUIRE(hook->on_event(event_of("delivered", "serial 0A")).ok());
  CHECK(log.line() == "<29>Jan  1 00:00:00 certctl[" + std::to_string(::getpid()) +
                          "]: profile ipsec: delivered: serial 0A");  // daemon.notice
  Event failed = event_of("failed", "no connection");
  failed.code = "ca-unreachable";
  failed.hint = "check the network";
  auto other = instance<HookApi>(
      "syslog", {{"socket", path}, {"facility", std::string("local7")}, {"tag", std::string("x")}}, host);
  REQUIRE(other->on_event(failed).ok());
  const std::string line = log.line();
  CHECK(line.starts_with("<187>Jan  1 00:00:00 x["));  // local7.err
  CHECK(after_pid(line) == "profile ipsec: failed: no connection [ca-unreachable]; check the network");
  REQUIRE(hook->on_event(event_of("before-deliver", "")).ok());
  CHECK(log.line().starts_with("<30>"));
}

TEST_CASE("text from outside can't begin a line of its own, or be endless") {
  TestHost host;
  const std::string path = host.state().scratch.path() / "log";
  Log log(path, SOCK_DGRAM);
  auto hook = instance<HookApi>("syslog", {{"socket", path}}, host);
  REQUIRE(hook->on_event(event_of("failed", "a\n<0>kernel: forged\x1b[2J")).ok());
  CHECK(after_pid(log.line()) == "profile ipsec: failed: a\\n<0>kernel: forged\\x1b[2J");
  REQUIRE(hook->on_event(event_of("failed", std::string(100'000, 'x'))).ok());
  CHECK(log.line().size() < 1024);
}

TEST_CASE("a log that takes a stream is spoken to as well") {
  TestHost host;
  const std::string path = host.state().scratch.path() / "log";
  Log log(path, SOCK_STREAM);
  auto hook = instance<HookApi>("syslog", {{"socket", path}}, host);
  REQUIRE(hook->on_event(event_of("delivered", "x")).ok());
  CHECK(after_pid(log.line()) == std::string("profile ipsec: delivered: x\0", 28));
}

TEST_CASE("a log that is not there is a failure with words, soon") {
  TestHost host;
  const std::string path = host.state().scratch.path() / "log";
  auto hook = instance<HookApi>("syslog", {{"socket", path}}, host);
  const auto result = hook->on_event(event_of("failed", "x"));
  REQUIRE_FALSE(result.ok());
  CHECK(result.error().code == "syslog-unreachable");
  CHECK(result.error().message == "cannot write to the system's log at " + path + ": no such file or directory");

  // One that no longer reads.
  Log log(path, SOCK_DGRAM);
  const auto begin = std::chrono::steady_clock::now();
  Result<void> last;
  for (int i = 0; i < 5000 && last.ok(); ++i) last = hook->on_event(event_of("failed", std::string(800, 'x')));
  REQUIRE_FALSE(last.ok());
  CHECK(last.error().code == "syslog-unreachable");
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{10});
}

TEST_CASE("a tag that would confuse the log is refused") {
  TestHost host;
  CHECK_THROWS_AS(instance<HookApi>("syslog", {{"tag", std::string("a: b")}}, host), Failure);
  CHECK_THROWS_AS(instance<HookApi>("syslog", {{"socket", std::string(200, 'x')}}, host), Failure);
}

TEST_CASE("the hook syslog keeps the promises of a hook") {
  std::unique_ptr<Log> log;
  std::size_t lines = 0;
  HookSubject subject;
  subject.make = linked<HookApi>("syslog");
  subject.working = [&](const auto& place) {
    log = std::make_unique<Log>((place / "log").string(), SOCK_DGRAM);
    return options(CERTCTL_KIND_HOOK, "syslog", {{"socket", (place / "log").string()}});
  };
  subject.failing = [](const auto& place) {
    return options(CERTCTL_KIND_HOOK, "syslog", {{"socket", (place / "absent").string()}});
  };
  subject.done = [&](const auto&) {
    while (log->waiting()) {
      log->line();
      ++lines;
    }
    return lines;
  };
  hook_suite(subject);
}
