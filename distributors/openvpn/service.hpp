// OpenVPN as a service: what makes it read its credential again, and whether it has survived that.
#pragma once

#include <certctl/host.hpp>
#include <certctl/options.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "distributors/openvpn/management.hpp"
#include "distributors/openvpn/process.hpp"

namespace certctl::openvpn {

enum class How : int { usr1, hup, management, none };

class Service {
 public:
  // Failure bad-option (never). `host` must outlive it.
  Service(const Options& options, Host& host);

  // What is sure to end or to miss the reload is found before anything is signalled. `files`: those that it reads
  // again. Failures: reload-refused, service-not-running, management-failed, reload-failed, service-ended (it was
  // signalled, and is gone).
  void reload(const std::vector<std::string>& files) const;
  // One line for people: how it does. Failures: service-not-running, management-failed.
  [[nodiscard]] std::string look() const;
  [[nodiscard]] std::string identity() const { return pid_file_ + " " + management_address_; }
  [[nodiscard]] How how() const noexcept { return how_; }

 private:
  [[nodiscard]] Management management() const;
  void check_configuration() const;
  void watch(const std::optional<Process>& process, const std::string& state_before) const;

  How how_ = How::usr1;
  std::string pid_file_;
  std::string configuration_;
  std::string management_address_;
  SecretSource password_;
  std::chrono::seconds settle_{0};
  bool whole_ = false;  // it must read its configuration again, too
  Host& host_;
};

}  // namespace certctl::openvpn
