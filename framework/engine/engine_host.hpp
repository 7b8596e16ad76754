// The Host that plugins of one profile get: log, clock, work directory, commands with the environment that scripts get,
// secrets.
#pragma once

#include <certctl/enroller.hpp>

#include <functional>
#include <string>

#include "framework/engine/context.hpp"
#include "framework/engine/state_directory.hpp"

namespace certctl::engine {

class EngineHost final : public EnrollHost {
 public:
  using CheckpointSink =
      std::function<void(const std::string& token, Checkpoint state, const std::string& transaction_id)>;

  // `use` names this use of a plugin ("enroller", "target-tunnel1"): a folder of work/. `state` may be null: no profile
  // at work.
  EngineHost(const Context& context, std::string profile, const StateDirectory* state, std::string use,
             std::function<bool()> clock_trusted);

  void on_checkpoint(CheckpointSink sink) { checkpoint_ = std::move(sink); }
  // What scripts are told: CERTCTL_EVENT and event.json.
  void set_event(std::string name, std::string json) {
    event_name_ = std::move(name);
    event_json_ = std::move(json);
  }

  [[nodiscard]] const std::string& profile() const noexcept override { return profile_; }
  [[nodiscard]] TimePoint now() const noexcept override;
  [[nodiscard]] bool clock_trusted() const noexcept override;
  void log(LogLevel level, std::string_view line) noexcept override;
  [[nodiscard]] Result<std::string> work_directory() noexcept override;
  [[nodiscard]] Result<CommandOutcome> run(const Command& command, const Credential* credential,
                                           std::chrono::seconds timeout) noexcept override;
  [[nodiscard]] Result<Secret> read_secret(const SecretSource& source) noexcept override;
  [[nodiscard]] Result<void> checkpoint(const std::string& token, Checkpoint state,
                                        const std::string& transaction_id) noexcept override;

 private:
  [[nodiscard]] CommandOutcome run_command(const Command& command, const Credential* credential,
                                           std::chrono::seconds timeout);

  const Context& context_;
  std::string profile_;
  const StateDirectory* state_;
  std::string use_;
  std::function<bool()> clock_trusted_;
  CheckpointSink checkpoint_;
  std::string event_name_ = "deliver";
  std::string event_json_;
};

}  // namespace certctl::engine
