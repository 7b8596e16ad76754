#include "distributors/openvpn/service.hpp"

#include "distributors/openvpn/inline_blocks.hpp"

#include <certctl/result.hpp>

#include <poll.h>
#include <signal.h>

#include <algorithm>

#include "distributors/files/output/place.hpp"
#include "framework/sys/atomic_file.hpp"

namespace certctl::openvpn {
namespace {

using namespace std::chrono_literals;

constexpr auto kAnswerLimit = 5s;
constexpr auto kBetweenLooks = 200ms;

How how_from(const std::string& word) {
  if (word == "hup") return How::hup;
  if (word == "management") return How::management;
  return word == "none" ? How::none : How::usr1;
}

Failure bad_option(const std::string& message, const std::string& hint) {
  return Failure::never("bad-option", message, hint);
}

Failure refused(const std::string& message, const std::string& hint) {
  return Failure("reload-refused", message + "; openvpn was not signalled", hint);
}

// While these last it has not come so far that it would have read its key, or it is on its way out.
bool in_between(const std::string& state) {
  return state.empty() || state == "RECONNECTING" || state == "CONNECTING" || state == "EXITING";
}

}  // namespace

Service::Service(const Options& options, Host& host)
    : how_(how_from(options.text("signal"))),
      pid_file_(options.text("pid")),
      configuration_(options.text("configuration")),
      management_address_(options.text("management")),
      password_(options.secret("management_password")),
      settle_(options.duration("settle")),
      whole_(how_ == How::hup || options.flag("inline")),
      host_(host) {
  if ((how_ == How::usr1 || how_ == How::hup) && pid_file_.empty()) {
    throw bad_option("openvpn needs `pid` to be signalled",
                     "name the file that openvpn writes with --writepid, or use `signal: management` or `none`");
  }
  if (how_ == How::usr1 && whole_) {
    throw bad_option("after SIGUSR1 openvpn goes on with the configuration that it has read, and what is inline in it",
                     "use `signal: hup`, `management` or `none` with `inline: true`");
  }
  if (how_ == How::management && management_address_.empty())
    throw bad_option("`signal: management` of openvpn needs `management`", "name its socket, or HOST:PORT");
  if (settle_ < 1s || settle_ > 5min)
    throw bad_option("`settle` of openvpn is not between a second and five minutes", "write a time, as in 5s");
  if (!management_address_.empty()) (void)Management(management_address_, {});
}

Management Service::management() const {
  return Management(management_address_, password_.empty() ? Secret() : host_.read_secret(password_).value());
}

void Service::check_configuration() const {
  if (configuration_.empty() || whole_) return;
  const Configuration configuration(sys::read_file(configuration_, files::kMaxFileBytes));
  if (configuration.has_directive("persist-key")) {
    throw refused("`persist-key` in " + configuration_ + " makes openvpn keep its old key and certificate over SIGUSR1",
                  "take it out, or use `signal: hup`");
  }
}

void Service::reload(const std::vector<std::string>& files) const {
  if (how_ == How::none) return;
  check_configuration();
  std::optional<Process> process;
  if (!pid_file_.empty()) {
    process = Process::of_pid_file(pid_file_);
    std::vector<std::string> read = files;
    if (whole_ && !configuration_.empty()) read.push_back(configuration_);
    for (const std::string& file : read) {
      if (process->can_read(file)) continue;
      throw refused(
          "openvpn, process " + std::to_string(process->pid()) + ", may no longer read " + file + " and would end",
          "let its user read the file (`group`, `key_mode`), or restart it (`restart:` of the profile)");
    }
  }
  const std::string before = management_address_.empty() ? "" : management().state(kAnswerLimit);
  if (how_ == How::management) {
    management().signal(whole_ ? "SIGHUP" : "SIGUSR1", kAnswerLimit);
  } else {
    process->send(how_ == How::hup ? SIGHUP : SIGUSR1);
  }
  watch(process, before);
}

void Service::watch(const std::optional<Process>& process, const std::string& state_before) const {
  const auto deadline = std::chrono::steady_clock::now() + settle_;
  const auto left = [&] {
    return std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  };
  std::string problem;
  do {
    const auto pause =
        management_address_.empty() ? left() : std::min<std::chrono::milliseconds>(kBetweenLooks, left());
    if (process && process->ends_within(std::max(pause, 0ms))) {
      throw Failure("service-ended", "openvpn, process " + std::to_string(process->pid()) + ", ended at its reload",
                    "its log says why; start it again (`restart:` of the profile does)");
    }
    if (management_address_.empty()) continue;
    if (!process) (void)::poll(nullptr, 0, static_cast<int>(std::max(pause, 0ms).count()));
    try {
      // After SIGHUP the interface is away for a moment.
      const std::string state = management().state(std::max(left(), 1000ms));
      if (state != state_before && !in_between(state_name(state))) return;
      problem = "its state is '" + state_name(state) + "'";
    } catch (const Failure& failure) {
      if (failure.error().code != "management-failed") throw;
      problem = failure.error().message;
    }
  } while (left() > 0ms);
  if (management_address_.empty()) return;
  throw Failure("reload-failed", "openvpn has not come back from its reload: " + problem,
                "see its log; `settle` gives it longer");
}

std::string Service::look() const {
  std::string words;
  if (!pid_file_.empty())
    words = "openvpn runs (process " + std::to_string(Process::of_pid_file(pid_file_).pid()) + ")";
  if (!management_address_.empty()) {
    words += (words.empty() ? "openvpn's" : ", its") + std::string(" state is ") +
             state_name(management().state(kAnswerLimit));
  }
  return words.empty() ? "nothing of openvpn is known" : words;
}

}  // namespace certctl::openvpn
