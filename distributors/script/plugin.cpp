// Distributor "script": delivers by running a command; goes back by running it with the generation that was delivered
// before.
#include <certctl/plugin.hpp>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>

#include "framework/sys/printable.hpp"

namespace certctl {
namespace {

constexpr std::size_t kLongestTail = 300;

constexpr OptionSpec kOptions[] = {
    {"run", OptionType::command, "", true, false, "",
     "what to run: a string is shell text, a list is executed directly; exit status 0 is delivered"},
    {"undo", OptionType::choice, "same", false, false, "same|none",
     "same: the same script with the generation before; none: it cannot go back"},
    {"timeout", OptionType::duration, "60s", false, false, "",
     "how long it may take; then it and its children are ended"},
};

// What undo() needs of the generation before: where it lies, and what scripts are told of it. No key: its directory has
// it.
Secret token_of(const Credential* previous) {
  if (previous == nullptr) return Secret(R"({"format": 1})");
  const nlohmann::json object = {{"format", 1},
                                 {"generation", previous->generation},
                                 {"serial", previous->serial},
                                 {"fingerprint", previous->fingerprint},
                                 {"directory", previous->directory},
                                 {"certificate", previous->certificate_pem},
                                 {"chain", previous->chain_pem}};
  return Secret(object.dump());
}

// The credential in a token; nothing when there was none. Throws Failure undo-token-damaged.
std::optional<Credential> previous_of(const Secret& token) {
  try {
    const auto object = nlohmann::json::parse(token.reveal());
    if (object.at("format").get<int>() != 1) throw std::invalid_argument("format");
    if (object.find("generation") == object.end()) return std::nullopt;
    Credential previous;
    previous.generation = object.at("generation").get<int>();
    previous.serial = object.at("serial").get<std::string>();
    previous.fingerprint = object.at("fingerprint").get<std::string>();
    previous.directory = object.at("directory").get<std::string>();
    previous.certificate_pem = object.at("certificate").get<std::string>();
    previous.chain_pem = object.at("chain").get<std::vector<std::string>>();
    return previous;
  } catch (const std::exception&) {
    throw Failure::never("undo-token-damaged", "what is needed to run the script with the old certificate is damaged",
                         "look at what it delivered to, then run `certctl deliver`");
  }
}

class Script final : public Distributor {
 public:
  Script(const Options& options, Host& host)
      : host_(host),
        command_(options.command("run")),
        goes_back_(options.text("undo") != "none"),
        timeout_(options.duration("timeout")) {
    if (command_.empty() || command_.arguments[0].empty()) {
      throw Failure::never("bad-option", "`run` of the distributor script is empty", "name a command");
    }
    if (timeout_ < std::chrono::seconds{1}) {
      throw Failure::never("bad-option", "`timeout` of the distributor script is less than a second",
                           "give it the time that the script needs");
    }
  }

  Inspection inspect(const Credential* /*credential*/) override {
    Inspection inspection;
    // Two profiles with the same script take turns.
    std::string resource = command_.shell ? "shell" : "command";
    for (const auto& argument : command_.arguments) resource += ":" + argument;
    inspection.resources = {resource};
    inspection.present = Present::unknown;
    inspection.detail = "script '" + name() + "': what it delivers to can't be looked at";
    inspection.disturbance = "script";
    return inspection;
  }

  Secret prepare(const Credential& /*credential*/, const Credential* previous) override { return token_of(previous); }

  InstallReport install(const Credential& credential, const Secret& undo_token) override {
    (void)previous_of(undo_token);  // without a way back nothing begins
    run(credential);
    return {};
  }

  void undo(const Secret& undo_token) override {
    if (!goes_back_) {
      throw Failure::never("undo-impossible", "script '" + name() + "' cannot go back (`undo: none`)",
                           "look at what it delivered to");
    }
    const std::optional<Credential> previous = previous_of(undo_token);
    if (!previous) {
      throw Failure::never("undo-impossible", "script '" + name() + "' has delivered nothing before",
                           "look at what it delivered to");
    }
    run(*previous);
  }

 private:
  void run(const Credential& credential) {
    const CommandOutcome outcome = host_.run(command_, &credential, timeout_).value();
    if (!outcome.succeeded()) {
      throw Failure("script-failed", describe(outcome),
                    "run it by hand to see why; `certctl deliver` tries again at once");
    }
  }

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
    const std::string tail = sys::printable_end(outcome.output, kLongestTail);
    return tail.empty() ? text : text + "; it said: " + tail;
  }

  Host& host_;
  Command command_;
  bool goes_back_;
  std::chrono::seconds timeout_;
};

}  // namespace
}  // namespace certctl

CERTCTL_PLUGIN(certctl::Distributor, certctl::Script, "script", "1.0", "delivers by running a script of yours",
               certctl::kOptions);
