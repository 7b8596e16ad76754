// Hook "script": runs a command when something has happened. Before a delivery its exit status may refuse it.
#include <certctl/plugin.hpp>

#include <algorithm>

#include "framework/sys/printable.hpp"

namespace certctl {
namespace {

constexpr std::size_t kLongestTail = 300;

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
  // The first word only: what follows may hold a password.
  [[nodiscard]] std::string name() const {
    const std::string& text = command_.arguments[0];
    if (!command_.shell) return sys::printable_start(text, 100);
    const std::size_t begin = std::min(text.find_first_not_of(" \t\n"), text.size());
    return sys::printable_start(text.substr(begin, text.find_first_of(" \t\n;&|<>()", begin) - begin), 100);
  }

  [[nodiscard]] std::string describe(const CommandOutcome& outcome) const {
    std::string text = "script '" + name() + "': ";
    if (outcome.timed_out) {
      text += "not finished within " + std::to_string(timeout_.count()) + " s";
    } else if (outcome.signal != 0) {
      text += "ended by signal " + std::to_string(outcome.signal);
    } else if (outcome.exit_status != 0) {
      text += "exit status " + std::to_string(outcome.exit_status);
    } else {
      text += "a certctl tool in it reported a failure";
    }
    const std::string tail = sys::printable_end(trimmed(outcome.output), kLongestTail);
    return tail.empty() ? text : text + "; it said: " + tail;
  }

  static std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kBlank = " \t\r\n";
    while (!text.empty() && kBlank.find(text.back()) != std::string_view::npos) text.remove_suffix(1);
    while (text.ends_with("\\n")) text.remove_suffix(2);  // escaped by the host
    return text;
  }

  Host& host_;
  Command command_;
  std::chrono::seconds timeout_;
};

}  // namespace
}  // namespace certctl

CERTCTL_PLUGIN(certctl::Hook, certctl::Script, "script", "1.0", "runs a command at an event", certctl::kOptions);
