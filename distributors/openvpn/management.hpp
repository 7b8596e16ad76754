// OpenVPN's management interface: lines over a UNIX socket or TCP. It serves one client at a time; each call connects,
// asks one thing and goes.
#pragma once

#include <certctl/options.hpp>
#include <certctl/types.hpp>

#include <chrono>
#include <string>

namespace certctl::openvpn {

class Management {
 public:
  // `address`: the path of a socket, or HOST:PORT. Failure bad-option (never).
  Management(std::string address, Secret password);

  // "1796038763,CONNECTED,SUCCESS,10.9.0.1,…": its last change. Failures (later): management-failed.
  [[nodiscard]] std::string state(std::chrono::milliseconds limit) const;
  // `name`: "SIGUSR1", "SIGHUP". Failures (later): management-failed.
  void signal(const std::string& name, std::chrono::milliseconds limit) const;

 private:
  // The answer's lines, without real-time messages.
  [[nodiscard]] std::string ask(const std::string& command, bool until_end, std::chrono::milliseconds limit) const;

  std::string address_;
  std::string host_;
  std::string port_;  // empty: address_ is a path
  Secret password_;
};

// Of a line of state(): "CONNECTED".
[[nodiscard]] std::string state_name(const std::string& line);

}  // namespace certctl::openvpn
