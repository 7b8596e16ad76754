// Which process a pid file means, and that nobody else is signalled.
#include "framework/sys/service_process.hpp"

#include <certctl/result.hpp>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <functional>

#include "tests/contract/test_host.hpp"

using namespace certctl;
using contract::Scratch;
using sys::ServiceProcess;

namespace {

volatile sig_atomic_t caught = 0;

Error error_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const Failure& failure) {
    return failure.error();
  }
  FAIL("no failure");
  return {};
}

std::string own_program() {
  return std::filesystem::read_symlink("/proc/self/exe").string();
}

}  // namespace

TEST_CASE("a pid file that names no running process says which and why") {
  const Scratch scratch;
  const auto find = [&] { (void)ServiceProcess::find((scratch.path() / "pid").string(), "/usr/sbin/some-server"); };
  Error error = error_of(find);
  CHECK(error.code == "not-running");
  CHECK(error.message == "some-server is not running: there is no " + (scratch.path() / "pid").string());
  CHECK_FALSE(error.hint.empty());
  for (const char* content : {"", "\n", "hello\n", "-1\n", "0", "1\n", "99999999999999999999", "12x"}) {
    CAPTURE(content);
    scratch.write("pid", content);
    CHECK(error_of(find).message.find("no process number in ") != std::string::npos);
  }
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  REQUIRE(::waitpid(child, nullptr, 0) == child);
  scratch.write("pid", std::to_string(child) + "\n");
  error = error_of(find);
  CHECK(error.code == "not-running");
  CHECK(error.message.find("no process " + std::to_string(child) + " of ") != std::string::npos);
}

TEST_CASE("a process that runs something else is not signalled") {
  const Scratch scratch;
  const auto file = scratch.write("pid", " " + std::to_string(::getpid()) + "\n");
  const Error error = error_of([&] { (void)ServiceProcess::find(file.string(), "/usr/sbin/some-server"); });
  CHECK(error.code == "another-process");
  CHECK(error.message.find("is not some-server but ") != std::string::npos);
}

TEST_CASE("a signal is sent only where it is caught") {
  const Scratch scratch;
  const auto file = scratch.write("pid", std::to_string(::getpid()));
  const ServiceProcess self = ServiceProcess::find(file.string(), own_program());
  CHECK(self.id() == ::getpid());
  struct sigaction action {};
  struct sigaction before {};
  action.sa_handler = SIG_DFL;
  REQUIRE(::sigaction(SIGUSR2, &action, &before) == 0);
  CHECK(error_of([&] { self.signal(SIGUSR2); }).code == "signal-not-caught");  // it would have ended this program
  sigset_t held_back, mask;
  sigemptyset(&held_back);
  sigaddset(&held_back, SIGUSR2);
  REQUIRE(::sigprocmask(SIG_BLOCK, &held_back, &mask) == 0);
  self.signal(SIGUSR2);  // waits
  action.sa_handler = [](int number) { caught = number; };
  REQUIRE(::sigaction(SIGUSR2, &action, nullptr) == 0);
  CHECK(caught == 0);
  REQUIRE(::sigprocmask(SIG_SETMASK, &mask, nullptr) == 0);
  CHECK(caught == SIGUSR2);
  caught = 0;
  self.signal(SIGUSR2);
  CHECK(caught == SIGUSR2);
  REQUIRE(::sigaction(SIGUSR2, &before, nullptr) == 0);
}

TEST_CASE("a process that ended after it was found is not running") {
  const Scratch scratch;
  int pipes[2];
  REQUIRE(::pipe(pipes) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    char byte = 0;
    ::close(pipes[1]);
    ::_exit(::read(pipes[0], &byte, 1) == 1 ? 1 : 0);
  }
  ::close(pipes[0]);
  const auto file = scratch.write("pid", std::to_string(child));
  const ServiceProcess process = ServiceProcess::find(file.string(), own_program());
  ::close(pipes[1]);
  REQUIRE(::waitpid(child, nullptr, 0) == child);
  CHECK(error_of([&] { process.signal(SIGHUP); }).code == "not-running");
}
