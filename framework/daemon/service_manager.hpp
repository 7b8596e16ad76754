// What systemd is told: sd_notify(3)'s protocol. Without a service manager all of it does nothing.
#pragma once

#include <chrono>
#include <string>

namespace certctl::daemon {

class ServiceManager {
 public:
  // Of the environment: NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID. Takes them out of it: children have no part in it.
  static ServiceManager from_environment();
  ServiceManager() = default;

  void ready(const std::string& status) const;
  void reloading() const;
  void stopping() const;
  void status(const std::string& text) const;
  // A sign of life; call it at least this often (half of what the service manager asks for). 0: no watchdog.
  void alive() const;
  [[nodiscard]] std::chrono::milliseconds watchdog() const noexcept { return watchdog_; }

 private:
  void tell(const std::string& message) const;
  std::string socket_;
  std::chrono::milliseconds watchdog_{0};
};

}  // namespace certctl::daemon
