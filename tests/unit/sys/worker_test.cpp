#include "framework/sys/worker.hpp"

#include <catch2/catch.hpp>

#include <poll.h>
#include <signal.h>
#include <unistd.h>

namespace {

using certctl::sys::Body;
using certctl::sys::Say;
using certctl::sys::Worker;

// All lines until the end, which comes within ten seconds.
std::vector<std::string> wait_for(Worker& worker) {
  std::vector<std::string> all;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (std::chrono::steady_clock::now() < deadline) {
    pollfd one{worker.descriptor(), POLLIN, 0};
    (void)::poll(&one, 1, 10);
    for (std::string& line : worker.read_lines()) all.push_back(std::move(line));
    if (!worker.ended()) continue;
    for (std::string& line : worker.read_lines()) all.push_back(std::move(line));
    return all;
  }
  FAIL("the process does not end");
  return all;
}

}  // namespace

TEST_CASE("worker: what it says comes line by line, long ones too, and it changes nothing here") {
  int touched = 0;
  bool prepared = false;
  Worker worker([&] { prepared = true; },
                [&](const Say& say) {
                  touched = 1;
                  say(prepared ? "prepared" : "not prepared");
                  say(std::string(300'000, 'x'));
                  say("");
                });
  const auto lines = wait_for(worker);
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] == "prepared");
  CHECK(lines[1].size() == 300'000);
  CHECK(lines[2].empty());
  CHECK(worker.problem().empty());
  CHECK(touched == 0);
}

TEST_CASE("worker: who has said all and does not end yet keeps nobody busy") {
  Worker worker([] {},
                [](const Say& say) {
                  say("all");
                  ::close_range(3, ~0U, 0);
                  ::pause();
                });
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (worker.descriptor() >= 0 && std::chrono::steady_clock::now() < deadline) {
    pollfd one{worker.descriptor(), POLLIN, 0};
    (void)::poll(&one, 1, 100);
    (void)worker.read_lines();
  }
  CHECK(worker.descriptor() == -1);  // poll() passes it over
  CHECK_FALSE(worker.ended());
  worker.signal(SIGKILL);
  CHECK(wait_for(worker).empty());
}

TEST_CASE("worker: a crash is its own, and what it said before is not lost") {
  Worker worker([] {},
                [](const Say& say) {
                  say("before");
                  ::signal(SIGSEGV, SIG_DFL);
                  ::raise(SIGSEGV);
                });
  CHECK(wait_for(worker) == std::vector<std::string>{"before"});
  CHECK(worker.problem() == "ended by signal 11");
}

TEST_CASE("worker: it can be told to stop") {
  Worker worker([] { ::signal(SIGTERM, SIG_DFL); },
                [](const Say& say) {
                  say("ready");
                  ::pause();
                });
  std::vector<std::string> lines;
  for (int round = 0; round < 1000 && lines.empty(); ++round) {
    pollfd one{worker.descriptor(), POLLIN, 0};
    (void)::poll(&one, 1, 10);
    lines = worker.read_lines();
  }
  CHECK(lines == std::vector<std::string>{"ready"});
  CHECK_FALSE(worker.ended());
  worker.signal(SIGTERM);
  wait_for(worker);
  CHECK(worker.problem() == "ended by signal 15");
}
