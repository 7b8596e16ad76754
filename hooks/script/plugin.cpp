// Hook "script": runs a command when something has happened. Before a delivery its exit status may refuse it.
#include <certctl/plugin.hpp>

#include "framework/sys/shown_output.hpp"

namespace certctl {
namespace {

constexpr OptionSpec kOptions[] = {
    {"run", OptionType::command, "", true, false, "",
     "what to run: a string is shell text, a list is executed directly"},
    {"timeout", OptionType::duration, "60s", false, false, "",
     "how long it may take; then it and its children are ended"},
};

class Script final : public Hook, public Vetoes {
 public:
  Script(const Options& options, Host& host)
      : host_(host), command_(options.command("run")), timeout_(options.duration("timeout")) {
    if (command_.empty() || command_.arguments[0].empty()) {
      throw Failure::never("bad-option", "`run` of the hook script is empty", "name a command");
    }
    if (timeout_ < std::chrono::seconds{1}) {
      throw Failure::never("bad-option", "`timeout` of the hook script is less than a second");
    }
  }

  void on_event(const Event& event) override {
    const CommandOutcome outcome = host_.run(command_, event.credential, timeout_).value();
    if (outcome.succeeded()) return;
    throw Failure("hook-failed", describe(outcome), "run it by hand to see why");
  }

  std::string veto(const Event& event) override {
    const CommandOutcome outcome = host_.run(command_, event.credential, timeout_).value();
    if (outcome.succeeded()) return {};
    // Only an answer is a refusal; a script that hangs or dies has given none.
    if (outcome.timed_out || outcome.signal != 0) throw Failure("hook-failed", describe(outcome));
    return describe(outcome);
  }

 private:
  [[nodiscard]] std::string describe(const CommandOutcome& outcome) const {
    return "script '" + sys::command_name(command_) + "': " + sys::describe_failure(outcome, timeout_);
  }

  Host& host_;
  Command command_;
  std::chrono::seconds timeout_;
};

}  // namespace
}  // namespace certctl

CERTCTL_PLUGIN(certctl::Hook, certctl::Script, "script", "1.0", "runs a command at an event", certctl::kOptions);
