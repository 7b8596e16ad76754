#include "framework/engine/plugin_target.hpp"

#include "framework/sys/shown_output.hpp"

namespace certctl::engine {
namespace {

// One text per command, so that equal commands of several targets run once.
std::string command_key(const Command& command) {
  std::string key = command.shell ? "shell" : "command";
  for (const auto& argument : command.arguments) key += '\0' + argument;
  return key;
}

Failure reload_failed(const Command& command, const CommandOutcome& outcome, std::chrono::seconds timeout) {
  return Failure("reload-failed",
                 "reload '" + sys::command_name(command) + "': " + sys::describe_failure(outcome, timeout),
                 "run the command by hand and mend what it complains about");
}

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
  if (!target_.reload.empty()) {
    actions.push_back(
        {command_key(target_.reload), [this, credential] {
           const CommandOutcome outcome =
               host_->run(target_.reload, credential.generation == 0 ? nullptr : &credential, target_.timeout).value();
           if (!outcome.succeeded()) throw reload_failed(target_.reload, outcome, target_.timeout);
         }});
  }
  return actions;
}

bool PluginTarget::verifies() {
  return instance_->supports_verify();
}

std::optional<Served> PluginTarget::verify(const Credential& expected) {
  if (!instance_->supports_verify()) return std::nullopt;
  return instance_.call(&DistributorApi::verify, expected);
}

}  // namespace certctl::engine
