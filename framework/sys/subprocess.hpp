// Runs a command to its end or its deadline.
//
// The command gets: a session of its own, exactly the environment given, descriptors 0 to 2 and no other, default
// signal dispositions, an empty signal mask, its working directory and umask. A small supervisor between certctl and
// the command adopts whatever the command leaves behind. When the command ends by itself, run_process() returns at
// once, even if daemons that it started live on and hold its output open. At the deadline every descendant, in whatever
// session, gets TERM, five seconds later KILL. When certctl dies meanwhile, the supervisor still keeps the deadline.
//
// Threads: may be called from several threads at once.
#pragma once

#include <certctl/options.hpp>

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace certctl::sys {

struct ProcessRequest {
  Command command;  // shell text goes to /bin/sh -c; a plain name is looked for in PATH of `environment`
  std::vector<std::string> environment;  // "NAME=value"; all there is
  std::string directory = "/";           // working directory
  mode_t file_mask = 022;
  std::string input;  // standard input; empty: /dev/null
  std::chrono::milliseconds timeout{60'000};
  std::chrono::milliseconds grace{5'000};  // between TERM and KILL
  std::size_t error_limit = 0;             // bytes of the end of standard error; 0: it goes where the output goes
  std::size_t output_limit = 4096;         // bytes of the end of the output that are kept; 0: output goes to /dev/null
};

struct ProcessResult {
  int exit_status = -1;  // 0..255, or -1 when it did not exit by itself
  int signal = 0;        // the signal that ended it, or 0
  bool timed_out = false;
  bool output_cut = false;  // there was more before `output`
  std::string output;       // standard output, and error unless it is kept apart; raw: see printable()
  std::string errors;       // standard error, if it is kept apart; raw
  [[nodiscard]] bool succeeded() const noexcept { return exit_status == 0 && signal == 0 && !timed_out; }
};

// Failure command-not-started when the command could not be executed: what is wrong with it, and a hint.
[[nodiscard]] ProcessResult run_process(const ProcessRequest& request);

// "exit status 3", "ended by signal 9", "not finished in time".
[[nodiscard]] std::string describe_end(const ProcessResult& result);

}  // namespace certctl::sys
