// The program swanctl: one call, and what its output says. Its exit status alone tells too little: it is 0 when a file
// could not be loaded, and 0 when a configuration with a syntax error made it unload every connection.
#pragma once

#include <certctl/options.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "framework/probe/ike_listing.hpp"
#include "framework/sys/subprocess.hpp"

namespace certctl::swanctl {

// What went wrong while it read files, from its output.
struct LoadProblems {
  std::vector<std::string> files;  // paths that it could not load
  std::string configuration;       // its line about a configuration that it cannot read; empty: it can
  std::string first;               // the first line about a file
};
[[nodiscard]] LoadProblems problems_in(std::string_view output);

class Control {
 public:
  struct Settings {
    std::string binary;
    std::string directory;  // SWANCTL_DIR
    std::string uri;        // of the vici socket; empty: the program's default
    std::chrono::seconds timeout{0};
  };
  // Failure bad-option (never).
  explicit Control(const Options& options);

  // Lets swanctl read its configuration, as it does before it loads any of it, and charon does not hear of it. False:
  // that was not possible here. Failure reload-refused.
  [[nodiscard]] bool test_configuration() const;
  // Puts what the files hold in the place of what charon has. Failures: service-not-running, reload-refused (`ours` is
  // among what it could not load).
  LoadProblems load_credentials(const std::vector<std::string>& ours) const;
  // Failures: service-not-running, reload-failed.
  void load_connections() const;
  // Authenticates living IKE_SAs of that name anew; false: there is none.
  [[nodiscard]] bool reauthenticate(const std::string& ike) const;
  // What charon has loaded. Failures: service-not-running, listing-failed.
  [[nodiscard]] std::vector<probe::LoadedCertificate> loaded() const;

  // Distinguishes one charon from another.
  [[nodiscard]] std::string identity() const;

 private:
  [[nodiscard]] sys::ProcessResult run(const std::vector<std::string>& arguments, const std::string& uri) const;
  // Failure service-not-running.
  [[nodiscard]] sys::ProcessResult ask(const std::vector<std::string>& arguments) const;

  Settings settings_;
};

}  // namespace certctl::swanctl
