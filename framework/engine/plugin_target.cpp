#include "framework/engine/plugin_target.hpp"

#include <algorithm>

#include "framework/engine/served_probe.hpp"
#include "framework/sys/shown_output.hpp"

namespace certctl::engine {
namespace {

// One text per command, so that equal commands of several targets run once.
std::string command_key(const Command& command) {
  std::string key = command.shell ? "shell" : "command";
  for (const auto& argument : command.arguments) key += '\0' + argument;
  return key;
}

// A look is one answer; a service that takes longer is asked again.
constexpr std::chrono::milliseconds kLongestLook{5000};

}  // namespace

Inspection PluginTarget::inspect(const Credential* credential) {
  return instance_.call(&DistributorApi::inspect, credential);
}

Secret PluginTarget::prepare(const Credential& credential, const Credential* previous) {
  return instance_.call(&DistributorApi::prepare, credential, previous);
}

InstallReport PluginTarget::install(const Credential& credential, const Secret& undo_token) {
  return instance_.call(&DistributorApi::install, credential, undo_token);
}

void PluginTarget::undo(const Secret& undo_token) {
  instance_.call(&DistributorApi::undo, undo_token);
}

std::vector<ReloadAction> PluginTarget::reloads(const Credential& credential) {
  std::vector<ReloadAction> actions;
  if (instance_->supports_reload()) {
    actions.push_back(
        {"plugin:" + instance_.call(&DistributorApi::reload_key), [this] { instance_.call(&DistributorApi::reload); }});
  }
  if (!target_.reload.empty()) actions.push_back(command_action("reload", target_.reload, credential));
  return actions;
}

std::optional<ReloadAction> PluginTarget::restart(const Credential& credential) {
  if (target_.restart.empty()) return std::nullopt;
  return command_action("restart", target_.restart, credential);
}

ReloadAction PluginTarget::command_action(const char* what, const Command& command, const Credential& credential) {
  return {command_key(command), [this, what, &command, credential] {
            const CommandOutcome outcome =
                host_->run(command, credential.generation == 0 ? nullptr : &credential, target_.timeout).value();
            if (outcome.succeeded()) return;
            throw Failure(std::string(what) + "-failed",
                          std::string(what) + " '" + sys::command_name(command) +
                              "': " + sys::describe_failure(outcome, target_.timeout),
                          "run the command by hand and mend what it complains about");
          }};
}

std::optional<Served> PluginTarget::verify(const Credential& expected) {
  std::optional<Served> seen;
  const auto agrees = [&](Served served) {
    const bool other = served.known && served.fingerprint != expected.fingerprint;
    if (other || !seen || !seen->known) {
      seen = std::move(served);
    } else if (served.known && !served.detail.empty()) {
      seen->detail += (seen->detail.empty() ? "" : "; ") + served.detail;
    }
    return !other;
  };
  if (instance_->supports_verify() && !agrees(instance_.call(&DistributorApi::verify, expected))) return seen;
  const std::chrono::milliseconds all = target_.verify_timeout;
  for (const config::Probe& probe : target_.verify) {
    // How long a command takes is for its author to say.
    const auto limit = probe.kind == config::ProbeKind::command ? all : std::min(all, kLongestLook);
    if (!agrees(ask_probe(probe, expected, *host_, limit))) return seen;
  }
  return seen;
}

}  // namespace certctl::engine
