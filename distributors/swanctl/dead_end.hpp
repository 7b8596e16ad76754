// A place on loopback that a program can connect to and that never answers: it ends each connection after its first
// bytes. swanctl reads its configuration after it has connected and before it asks anything, so that with this in the
// place of charon it does no more than read it.
#pragma once

#include <string>
#include <thread>

#include "framework/sys/file_descriptor.hpp"

namespace certctl::swanctl {

class DeadEnd {
 public:
  // Failures: those of system_error.hpp.
  DeadEnd();
  ~DeadEnd();
  DeadEnd(const DeadEnd&) = delete;
  DeadEnd& operator=(const DeadEnd&) = delete;

  [[nodiscard]] const std::string& uri() const noexcept { return uri_; }  // "tcp://127.0.0.1:40001"

 private:
  void serve() const;

  sys::FileDescriptor listener_;
  sys::FileDescriptor stop_;  // an event: time to end
  std::string uri_;
  std::thread thread_;
};

}  // namespace certctl::swanctl
