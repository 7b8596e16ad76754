// What the framework offers to a plugin while it works. The plugin never owns a Host; it is valid from the plugin's
// construction to its destruction, on the thread that made it. All members are safe to call from that thread only.
#pragma once

#include <certctl/options.hpp>
#include <certctl/result.hpp>
#include <certctl/types.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace certctl {

enum class LogLevel : int { debug, info, warning, error };

// How a command that the host ran ended.
struct CommandOutcome {
  int exit_status = -1;           // 0..255, or -1 when it did not exit by itself
  int signal = 0;                 // the signal that ended it, or 0
  bool timed_out = false;         // it was ended at its deadline
  bool reported_failure = false;  // a certctl tool inside it reported a failed delivery (design: scep_replace_pem)
  std::string output;  // end of what it wrote (stdout and stderr together), at most 4 KiB, cleaned for display
  [[nodiscard]] bool succeeded() const noexcept {
    return exit_status == 0 && signal == 0 && !timed_out && !reported_failure;
  }
};

class Host {
 public:
  // The profile at work; empty when there is none (lint, plugin show).
  [[nodiscard]] virtual const std::string& profile() const noexcept = 0;

  // Wall-clock time. Injected in tests: never ask the system's clock directly.
  [[nodiscard]] virtual TimePoint now() const noexcept = 0;

  // False when the clock is known to be wrong (before the build date or the newest activated certificate): validity
  // periods must then not be judged, and signingTime must be left out of what is sent.
  [[nodiscard]] virtual bool clock_trusted() const noexcept = 0;

  // One line for people. Never pass a secret. Control characters are escaped by the host.
  virtual void log(LogLevel level, std::string_view line) noexcept = 0;

  // An existing private directory (0700, absolute path) for files of this use of the plugin.
  // It persists until the transaction or delivery ends, also over a restart.
  [[nodiscard]] virtual Result<std::string> work_directory() noexcept = 0;

  // Runs a command with the environment that design calls "Scripts get only", in a session of its own, with a deadline;
  // input and descriptors closed; output kept as a tail. `credential` may be null: then the CERTCTL_GENERATION_DIR,
  // _CERT and _KEY variables are absent. Fails only when the command could not be started.
  [[nodiscard]] virtual Result<CommandOutcome> run(const Command& command, const Credential* credential,
                                                   std::chrono::seconds timeout) noexcept = 0;

  // Reads a secret where it lies; a file loses one newline at its end. Error: secret-unreadable.
  [[nodiscard]] virtual Result<Secret> read_secret(const SecretSource& source) noexcept = 0;

 protected:
  ~Host() = default;
};

}  // namespace certctl
