// The process of a service, found by its pid file. It is held, not only numbered: a signal never reaches a process that
// has taken the number since.
#pragma once

#include <sys/types.h>

#include <string>

#include "framework/sys/file_descriptor.hpp"

namespace certctl::sys {

class ServiceProcess {
 public:
  // `program`: absolute path of what the process must run; it may have been replaced on disk since the start.
  // Failures (later): not-running (no such file, no number in it, no such process), another-process (it runs something
  // else); those of atomic_file.hpp. The messages name the program, the process and the file.
  [[nodiscard]] static ServiceProcess find(const std::string& pid_file, const std::string& program);

  // Failures (later): not-running; signal-not-caught, and nothing sent: the process has no handler, and would ignore
  // the signal or die of it; signal-not-sent. One that holds the signal back gets it when it is ready.
  void signal(int number) const;

  [[nodiscard]] pid_t id() const noexcept { return id_; }

 private:
  pid_t id_ = -1;
  FileDescriptor handle_;  // closed: this kernel has none
  std::string name_;       // of the program
  std::string pid_file_;
};

}  // namespace certctl::sys
