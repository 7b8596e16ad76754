// The small process between certctl and a command. Internal to sys.
#pragma once

#include <sys/types.h>

#include <cstddef>

namespace certctl::sys {

// All that it needs, made before the fork. Plain data: certctl has threads, so between fork and exec nothing may be
// called but what a signal handler may call, and no memory allocated.
struct Launch {
  const char* program;  // path
  char* const* arguments;
  char* const* environment;
  const char* directory;
  mode_t file_mask;
  int input;
  int output;
  int errors;               // may be the same
  int report;               // write end of a pipe: one Report
  std::size_t output_keep;  // bytes at the end of the output that stay; what is before is given back to the system
  std::size_t errors_keep;
  long timeout_ms;
  long grace_ms;
};

struct Report {
  enum Kind : int { exited, signalled, timed_out, no_directory, no_program, no_process };
  Kind kind;
  int value;  // exit status, signal (timed_out: that ended it, or 0), or errno
};

// How long the last step, killing everything, may take.
constexpr long kKillMs = 5'000;

// Never returns. Called in the forked process, with all signals blocked.
[[noreturn]] void supervise(const Launch& launch) noexcept;

}  // namespace certctl::sys
