// The nginx that runs: its configuration test and its reload.
#pragma once

#include <certctl/host.hpp>
#include <certctl/options.hpp>

#include <string>

namespace certctl::nginx {

struct ServiceOptions {
  std::string binary;
  std::string configuration;
  std::string prefix;    // empty: as compiled
  std::string pid_file;  // empty: as the configuration says, else as compiled
};

class Service {
 public:
  // `host` must outlive it.
  Service(ServiceOptions options, Host& host) : options_(std::move(options)), host_(host) {}

  // Makes the master process read its configuration and certificates again; it does so in its own time. Failures
  // (later), and nothing signalled: those of ServiceProcess, configuration-refused (nginx -t, with its words),
  // pid-file-unknown.
  void reload();

 private:
  [[nodiscard]] std::string pid_file();
  [[nodiscard]] std::string compiled(const std::string& configure_arguments, const std::string& name) const;
  [[nodiscard]] CommandOutcome run(std::vector<std::string> arguments);

  ServiceOptions options_;
  Host& host_;
};

}  // namespace certctl::nginx
