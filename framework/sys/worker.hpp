// Work in a process of its own, forked from this one with all that it holds: what crashes or leaks ends there, and this
// process stays small. It must have one thread only: a lock that another thread holds at the fork is never released.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/sys/file_descriptor.hpp"

namespace certctl::sys {

// Called in the new process; what it hands to `say` reaches the first process line by line. Must not throw.
using Say = std::function<void(std::string_view line)>;
using Body = std::function<void(const Say& say)>;

class Worker {
 public:
  // Forks. In the new process `prepare` runs first (signal handlers, descriptors to close), then `body`, then it ends
  // without running anything else: no destructors, no atexit. Throws Failure: fork-failed (later).
  Worker(const std::function<void()>& prepare, const Body& body);
  // Does not wait: a process that is still running is left to itself.
  ~Worker() = default;
  Worker(Worker&&) noexcept = default;
  Worker& operator=(Worker&&) noexcept = default;

  // -1 when all that it says has come: poll() passes it over.
  [[nodiscard]] int descriptor() const noexcept { return pipe_.get(); }
  [[nodiscard]] pid_t process() const noexcept { return process_; }
  // The complete lines that have come; call it when the descriptor is readable. What is longer than kMaxLine without an
  // end is dropped.
  [[nodiscard]] std::vector<std::string> read_lines();
  // True when the process has ended. What it said may still be read.
  [[nodiscard]] bool ended();
  // Empty, or how the process ended when it did not end well: "ended by signal 11".
  [[nodiscard]] const std::string& problem() const noexcept { return problem_; }
  void signal(int number) const noexcept;

  static constexpr std::size_t kMaxLine = 4U << 20U;

 private:
  sys::FileDescriptor pipe_;
  pid_t process_ = -1;
  std::string buffer_;
  bool at_end_ = false;
  bool reaped_ = false;
  std::string problem_;
};

}  // namespace certctl::sys
