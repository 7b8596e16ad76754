// A Host for tests: a fixed clock, a kept log, a work directory of its own, and commands that really run or are acted.
#pragma once

#include <certctl/enroller.hpp>
#include <certctl/host.hpp>

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace certctl::contract {

// A directory of a test, removed with everything in it at the end.
class Scratch {
 public:
  enum class Where { disk, memory };  // memory: for programs under test that fsync all the time
  explicit Scratch(Where where = Where::disk);
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  // Writes a file below the directory (making its parents) and returns its path.
  std::filesystem::path write(const std::string& name, std::string_view content, unsigned mode = 0600) const;
  [[nodiscard]] static std::string read(const std::filesystem::path& file);

 private:
  std::filesystem::path path_;
};

// One command that a plugin asked for.
struct CommandCall {
  Command command;
  bool with_credential = false;
  std::string generation_directory;
  std::chrono::seconds timeout{0};
};

// Plays the part of a command.
using Script = std::function<CommandOutcome(const CommandCall&)>;

struct HostState {
  std::string profile = "test";
  // 2027-01-01T00:00:00Z: inside the validity of the certificates in tests/data
  TimePoint now = TimePoint(std::chrono::seconds{1798761600});
  bool clock_trusted = true;
  std::vector<std::pair<LogLevel, std::string>> log;
  std::vector<CommandCall> calls;  // all commands asked for
  Script script;                   // empty: commands really run, with the environment that scripts get
  std::string event = "test";      // CERTCTL_EVENT
  std::string event_json = "{\"schema\": 1, \"event\": \"test\"}\n";
  Scratch scratch;

  [[nodiscard]] bool logged(std::string_view part) const;
};

// The members of HostFor that need no type.
namespace host_part {
Result<std::string> work_directory(const HostState& state) noexcept;
Result<CommandOutcome> run(HostState& state, const Command& command, const Credential* credential,
                           std::chrono::seconds timeout) noexcept;
Result<Secret> read_secret(const SecretSource& source) noexcept;
void log(HostState& state, LogLevel level, std::string_view line) noexcept;
}  // namespace host_part

// `Interface` is Host or EnrollHost; set what a test needs in state().
template <class Interface>
class HostFor : public Interface {
 public:
  virtual ~HostFor() = default;
  [[nodiscard]] HostState& state() noexcept { return state_; }
  [[nodiscard]] const std::string& profile() const noexcept override { return state_.profile; }
  [[nodiscard]] TimePoint now() const noexcept override { return state_.now; }
  [[nodiscard]] bool clock_trusted() const noexcept override { return state_.clock_trusted; }
  void log(LogLevel level, std::string_view line) noexcept override { host_part::log(state_, level, line); }
  [[nodiscard]] Result<std::string> work_directory() noexcept override { return host_part::work_directory(state_); }
  [[nodiscard]] Result<CommandOutcome> run(const Command& command, const Credential* credential,
                                           std::chrono::seconds timeout) noexcept override {
    return host_part::run(state_, command, credential, timeout);
  }
  [[nodiscard]] Result<Secret> read_secret(const SecretSource& source) noexcept override {
    return host_part::read_secret(source);
  }

 private:
  HostState state_;
};

using TestHost = HostFor<Host>;

// Keeps checkpoints; `on_checkpoint` can refuse one, or kill the process as a crash would.
class TestEnrollHost : public HostFor<EnrollHost> {
 public:
  struct Kept {
    std::string token;
    Checkpoint state;
    std::string transaction_id;
  };
  std::vector<Kept> checkpoints;
  std::function<Result<void>(const Kept&)> on_checkpoint;

  [[nodiscard]] Result<void> checkpoint(const std::string& token, Checkpoint state,
                                        const std::string& transaction_id) noexcept override;
};

}  // namespace certctl::contract
