#include "framework/registry/instance.hpp"

#include <string_view>

namespace certctl::registry {

Error name_plugin(const PluginInfo& plugin, Error error) {
  if (error.code.empty()) error.code = "plugin-failed";
  if (error.message.empty()) error.message = "failed without saying why";
  const std::string prefix = plugin.name + ": ";
  if (!error.message.starts_with(prefix)) error.message.insert(0, prefix);
  return error;
}

Failure escaped_exception(const PluginInfo& plugin) noexcept {
  return Failure("plugin-failed", "an exception came out of the " + std::string(title(plugin.kind)),
                 "this is a defect of the plugin; report it to its author");
}

void* create_fenced(const Plugin& plugin, const Options& options, Host& host) {
  const crypto::ErrorFence fence;
  Error error;
  void* instance = nullptr;
  try {
    instance = plugin.create(options, host, error);
  } catch (...) {
    error = escaped_exception(plugin.info).error();
  }
  if (instance == nullptr) throw Failure(name_plugin(plugin.info, std::move(error)));
  return instance;
}

void destroy_fenced(const Plugin& plugin, void* instance) noexcept {
  if (instance == nullptr) return;
  const crypto::ErrorFence fence;
  try {
    plugin.destroy(instance);
  } catch (...) {  // nobody is left to tell; what the instance held is lost
  }
}

}  // namespace certctl::registry
