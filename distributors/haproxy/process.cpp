#include "distributors/haproxy/process.hpp"

#include <certctl/result.hpp>

#include <poll.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <string_view>

#include "distributors/haproxy/answers.hpp"
#include "framework/sys/service_process.hpp"
#include "framework/sys/shown_output.hpp"

namespace certctl::haproxy {
namespace {

constexpr std::chrono::seconds kTestLimit{60};
constexpr std::chrono::seconds kReloadLimit{60};
constexpr std::chrono::seconds kStartLimit{20};
constexpr int kMasterPause = 50;  // milliseconds

// The first alert: what follows it says only that there was one. The host has made one line of the output.
std::string words_of_test(std::string_view output) {
  constexpr std::string_view kLineEnd = "\\n", kAlert = "[ALERT]", kBeforeWords = ") : ";
  const std::size_t begin = output.find(kAlert);
  if (begin == std::string_view::npos) return sys::shown_output(output, 500);
  std::string_view line = output.substr(begin, output.find(kLineEnd, begin) - begin);
  const std::size_t words = line.find(kBeforeWords);
  if (words != std::string_view::npos) line.remove_prefix(words + kBeforeWords.size());
  return sys::shown_start(line, 500);
}

Failure reload_refused(std::string_view words) {
  return Failure("reload-refused", "HAProxy's master does not reload: " + std::string(words),
                 "it goes on with what it has; look at its log");
}

// While the master starts anew, which it does when it was started and with each reload, nobody answers.
MasterState master_state(const RuntimeSocket& master, std::chrono::steady_clock::time_point deadline) {
  for (;;) {
    std::string answer;
    try {
      answer = master.ask("show proc;quit\n", kReloadLimit);  // without `quit` it would wait for more
    } catch (const Failure& failure) {
      const std::string& path = master.address().path;
      const bool gone = !path.empty() && !std::filesystem::exists(path);
      if (failure.error().code != "runtime-absent" || gone || std::chrono::steady_clock::now() > deadline) throw;
    }
    if (const auto state = master_state_from(answer)) return *state;
    if (!answer.empty() || std::chrono::steady_clock::now() > deadline) {
      throw Failure("reload-refused", "HAProxy's master answers to `show proc`: " + words_of(answer),
                    "is " + master.address().text() + " the socket that -S names?");
    }
    (void)::poll(nullptr, 0, kMasterPause);
  }
}

}  // namespace

void Process::test() {
  const CommandOutcome outcome =
      host_.run({false, {options_.binary, "-c", "-f", options_.configuration}}, nullptr, kTestLimit).value();
  if (outcome.succeeded()) return;
  const std::string words = words_of_test(outcome.output);
  throw Failure("configuration-refused",
                "haproxy -c refuses " + options_.configuration + ": " +
                    (words.empty() ? sys::describe_failure(outcome, kTestLimit) : words),
                "HAProxy goes on with what it has; mend what it complains about");
}

// What is said to it while it starts anew is lost, so its count of reloads tells when it is done.
void Process::reload_by_socket(const RuntimeSocket& master) {
  const MasterState before = master_state(master, std::chrono::steady_clock::now() + kStartLimit);
  test();
  const auto end = std::chrono::steady_clock::now() + kReloadLimit;
  for (;;) {
    std::string answer;
    try {
      answer = master.ask("reload\n", kReloadLimit);  // before 2.7 nothing, and at once
    } catch (const Failure& failure) {
      if (failure.error().code != "runtime-absent") throw;
    }
    if (answer.find("Success=0") != std::string::npos) throw reload_refused(words_of(answer));
    const MasterState after = master_state(master, end);
    if (after.failed > before.failed) throw reload_refused("the new workers do not start");
    if (after.reloads != before.reloads) return;
    if (!answer.empty() || std::chrono::steady_clock::now() > end) throw reload_refused(words_of(answer));
  }
}

void Process::reload() {
  if (options_.master) return reload_by_socket(*options_.master);
  const auto process = sys::ServiceProcess::find(options_.pid_file, options_.binary);
  test();
  try {
    process.signal(SIGUSR2);
  } catch (const Failure& failure) {
    if (failure.error().code != "signal-not-caught") throw;
    throw Failure("signal-not-caught",
                  "process " + std::to_string(process.id()) + " of " + options_.pid_file +
                      " is no master of HAProxy: it cannot reload",
                  "start HAProxy with -W or -Ws, or give it a `stats socket` and name that as `socket`");
  }
}

}  // namespace certctl::haproxy
