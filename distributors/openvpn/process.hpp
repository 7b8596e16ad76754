// The running OpenVPN: the process that a pid file names.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>

#include "framework/sys/file_descriptor.hpp"

namespace certctl::openvpn {

class Process {
 public:
  // Failures (later): service-not-running (no such file, no such process, or another program has its number by now);
  // never: bad-option (the file holds no number).
  [[nodiscard]] static Process of_pid_file(const std::string& path);

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  // Whether it could open the file, by its user, groups and capabilities as they are now. It gave up root after it had
  // read its key, perhaps.
  [[nodiscard]] bool can_read(const std::string& path) const;
  // Failure reload-failed.
  void send(int signal) const;
  // True when it ends within the time.
  [[nodiscard]] bool ends_within(std::chrono::milliseconds time) const;

 private:
  pid_t pid_ = -1;
  sys::FileDescriptor handle_;  // a pidfd: it stays this process
};

}  // namespace certctl::openvpn
