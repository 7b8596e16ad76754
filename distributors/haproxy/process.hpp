// HAProxy's processes: its configuration test and the reload of its master.
#pragma once

#include <certctl/host.hpp>

#include <optional>
#include <string>

#include "distributors/haproxy/runtime_socket.hpp"

namespace certctl::haproxy {

struct ProcessOptions {
  std::string binary;
  std::string configuration;
  std::string pid_file;
  std::optional<RuntimeSocket> master;  // its own socket (-S); nothing: a signal
};

class Process {
 public:
  // `host` must outlive it.
  Process(ProcessOptions options, Host& host) : options_(std::move(options)), host_(host) {}

  // The master starts new workers with what the files say now; the old ones end with their connections. After a signal
  // it does so in its own time; by its socket this returns when it is done. Failures (later), and nothing told to it:
  // those of ServiceProcess and RuntimeSocket, configuration-refused (haproxy -c, with its words); reload-refused (the
  // master's words).
  void reload();

 private:
  void test();
  void reload_by_socket(const RuntimeSocket& master);

  ProcessOptions options_;
  Host& host_;
};

}  // namespace certctl::haproxy
