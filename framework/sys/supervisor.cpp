#include "framework/sys/supervisor.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

#include "framework/sys/close_from.hpp"
#include "framework/sys/descendants.hpp"

namespace certctl::sys {
namespace {

// Where it keeps what it needs, so that everything above can be closed.
constexpr int kReport = 3;
constexpr int kOutput = 4;
constexpr int kErrors = 5;
constexpr int kFirstOther = 6;

constexpr long kLookAtOutputMs = 50;
constexpr long kLookAtProcessesMs = 50;
constexpr off_t kSlack = 1 << 20;  // of output that is not worth a system call

long now_ms() noexcept {
  struct timespec now {};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<long>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

[[noreturn]] void end(Report::Kind kind, int value) noexcept {
  const Report report{kind, value};
  (void)!::write(kReport, &report, sizeof report);
  ::_exit(0);
}

void arrange_descriptors(const Launch& launch) noexcept {
  // Out of the way first: any of them may be one of the numbers that others are moved to.
  const int input = ::fcntl(launch.input, F_DUPFD_CLOEXEC, 10);
  const int output = ::fcntl(launch.output, F_DUPFD_CLOEXEC, 10);
  const int errors = ::fcntl(launch.errors, F_DUPFD_CLOEXEC, 10);
  const int report = ::fcntl(launch.report, F_DUPFD_CLOEXEC, 10);
  const bool done = input >= 0 && output >= 0 && errors >= 0 && report >= 0 &&
                    ::dup3(report, kReport, O_CLOEXEC) >= 0 && ::dup3(output, kOutput, O_CLOEXEC) >= 0 &&
                    ::dup3(errors, kErrors, O_CLOEXEC) >= 0 && ::dup2(input, 0) >= 0 && ::dup2(output, 1) >= 0 &&
                    ::dup2(errors, 2) >= 0;
  const int error = errno;
  close_from(kFirstOther);
  if (!done) end(Report::no_process, error);
}

[[noreturn]] void execute(const Launch& launch) noexcept {
  ::setsid();
  ::umask(launch.file_mask);
  if (::chdir(launch.directory) != 0) end(Report::no_directory, errno);
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  for (int signal = 1; signal <= SIGRTMAX; ++signal) (void)::sigaction(signal, &standard, nullptr);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execve(launch.program, launch.arguments, launch.environment);
  end(Report::no_program, errno);
}

class Watch {
 public:
  Watch(const Launch& launch, pid_t child, int signals) noexcept
      : launch_(launch), child_(child), signals_(signals), self_(::getpid()) {}

  // Until the command ends or its time is over.
  [[noreturn]] void run() noexcept {
    const long deadline = now_ms() + launch_.timeout_ms;
    for (;;) {
      reap();
      if (child_ended_) report_end();
      trim_output();
      const long left = deadline - now_ms();
      if (left <= 0) break;
      sleep(std::min(left, kLookAtOutputMs));
    }
    end_everything();
    end(Report::timed_out, WIFSIGNALED(child_status_) ? WTERMSIG(child_status_) : 0);
  }

 private:
  void sleep(long milliseconds) noexcept {
    struct pollfd wait {
      signals_, POLLIN, 0
    };
    (void)::poll(&wait, 1, static_cast<int>(milliseconds));
    struct signalfd_siginfo arrived {};
    while (::read(signals_, &arrived, sizeof arrived) > 0) {
    }
  }

  // The command, and whatever it left to us: a zombie would count against the limit of processes.
  void reap() noexcept {
    int status = 0;
    for (;;) {
      const pid_t ended = ::waitpid(-1, &status, WNOHANG);
      if (ended < 0 && errno == EINTR) continue;
      if (ended <= 0) return;
      if (ended == child_) {
        child_ended_ = true;
        child_status_ = status;
      }
    }
  }

  [[noreturn]] void report_end() const noexcept {
    // Its children go on: `/etc/init.d/… restart` starts daemons.
    if (WIFSIGNALED(child_status_)) end(Report::signalled, WTERMSIG(child_status_));
    end(Report::exited, WEXITSTATUS(child_status_));
  }

  void trim_output() noexcept {
    trim(kOutput, launch_.output_keep, output_trimmed_);
    if (launch_.errors != launch_.output) trim(kErrors, launch_.errors_keep, errors_trimmed_);
  }

  // Gives the memory of all but the end of the output back; offsets stay.
  static void trim(int file, std::size_t keep, off_t& trimmed) noexcept {
    struct stat status {};
    if (keep == 0 || ::fstat(file, &status) != 0) return;
    const off_t end_of_rest = status.st_size - static_cast<off_t>(keep);
    if (end_of_rest - trimmed < kSlack) return;
    (void)::fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, end_of_rest);
    trimmed = end_of_rest;
  }

  // TERM, a while, KILL: to all descendants, whatever their session or group. Orphans come to us, so none gets lost.
  void end_everything() noexcept {
    signal_descendants(self_, SIGTERM);
    signal_descendants(self_, SIGCONT);  // one that is stopped takes no TERM
    const long until = now_ms() + launch_.grace_ms;
    while (count_descendants(self_) != 0 && now_ms() < until) wait_a_while();
    const long give_up = now_ms() + kKillMs;
    while (now_ms() < give_up) {
      reap();
      if (count_descendants(self_) == 0) return;
      // First nobody runs any more, then all go: otherwise one that forks quickly enough would get away.
      for (int i = 0; i < 20 && signal_descendants(self_, SIGSTOP) != 0; ++i) {
      }
      signal_descendants(self_, SIGKILL);
      wait_a_while();
    }
  }

  void wait_a_while() noexcept {
    trim_output();
    sleep(kLookAtProcessesMs);
    reap();
  }

  const Launch& launch_;
  pid_t child_;
  int signals_;
  pid_t self_;
  bool child_ended_ = false;
  int child_status_ = 0;
  off_t output_trimmed_ = 0;
  off_t errors_trimmed_ = 0;
};

}  // namespace

void supervise(const Launch& launch) noexcept {
  ::setsid();  // a ^C on the terminal is for certctl, which decides what becomes of the command
  (void)::prctl(PR_SET_NAME, "certctl-watch", 0, 0, 0);
  (void)::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  arrange_descriptors(launch);
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  (void)::sigaction(SIGCHLD, &standard, nullptr);  // ignored, it would reap by itself
  sigset_t child_signal;
  ::sigemptyset(&child_signal);
  ::sigaddset(&child_signal, SIGCHLD);
  const int signals = ::signalfd(-1, &child_signal, SFD_CLOEXEC | SFD_NONBLOCK);
  if (signals < 0) end(Report::no_process, errno);
  const pid_t child = ::_Fork();
  if (child < 0) end(Report::no_process, errno);
  if (child == 0) execute(launch);
  Watch(launch, child, signals).run();
}

}  // namespace certctl::sys
