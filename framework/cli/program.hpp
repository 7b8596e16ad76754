// What every verb works with: the global options, the configuration, the registry, the engine's context, and where
// output goes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "framework/config/load.hpp"
#include "framework/engine/context.hpp"
#include "framework/engine/run.hpp"
#include "framework/registry/registry.hpp"

namespace certctl::cli {

struct GlobalOptions {
  std::string config;  // --config; empty: $CERTCTL_CONFIG, else /etc/certctl/certctl.yaml
  bool json = false;
  bool quiet = false;
  bool verbose = false;
  int lock_timeout = 30;  // seconds
};

class Program {
 public:
  explicit Program(GlobalOptions options);
  ~Program();

  [[nodiscard]] const GlobalOptions& options() const noexcept { return options_; }

  // Loads configuration, registry and context on first use. A file that can't be read at all is a Failure; broken
  // profiles are in loaded().diagnostics, and the others go on.
  [[nodiscard]] const config::Loaded& loaded();
  [[nodiscard]] engine::Context& context();
  // What of a context does not come from the configuration: clock, random numbers, log, limits.
  [[nodiscard]] engine::Context base_context() const;
  [[nodiscard]] registry::Registry& registry();
  [[nodiscard]] config::PluginCatalog& catalog();
  [[nodiscard]] std::string config_path() const;

  // The named profiles, or all. Unknown and broken ones are reported and make `exit` configuration (2).
  [[nodiscard]] std::vector<const config::Profile*> choose(const std::vector<std::string>& names,
                                                           engine::ExitState& exit);

  // One line to standard error, unless --quiet says otherwise for its level.
  void log(LogLevel level, const std::string& profile, const std::string& line) const;
  // Prints what is wrong with the configuration; returns the number of errors.
  std::size_t print_diagnostics(const std::vector<config::Diagnostic>& diagnostics) const;

 private:
  void open();
  // Prints what is wrong and throws when certctl.yaml itself has errors.
  void require_usable();
  struct Parts;
  GlobalOptions options_;
  std::unique_ptr<Parts> parts_;
};

// The stop flag that TERM and INT set.
const std::atomic<bool>& stop_requested();
// In a forked process: the handlers and no signal that was blocked or has come before.
void restore_signals();
// Installs the handlers: the first TERM or INT asks to finish the step, the second stops at once.
void install_signal_handlers();
// Before anything else: no environment that would load code or change trust, no core dumps, umask 077 (P2, P13).
void harden_process();

}  // namespace certctl::cli
