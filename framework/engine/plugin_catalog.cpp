#include "framework/engine/plugin_catalog.hpp"

namespace certctl::engine {
namespace {

// Both enumerations have the numbers of abi.h.
registry::Kind registry_kind(config::PluginKind kind) {
  return static_cast<registry::Kind>(static_cast<int>(kind));
}
config::PluginKind config_kind(registry::Kind kind) {
  return static_cast<config::PluginKind>(static_cast<std::uint32_t>(kind));
}

}  // namespace

const config::PluginDescription* PluginCatalog::remember(const registry::PluginInfo& info) const {
  const std::lock_guard guard(mutex_);
  const Key key{config_kind(info.kind), info.name};
  const auto [it, inserted] = known_.try_emplace(
      key, config::PluginDescription{info.name, key.first, info.version, info.summary, info.options});
  return &it->second;
}

const config::PluginDescription* PluginCatalog::find(config::PluginKind kind, std::string_view name) const {
  try {
    return remember(registry_.find(registry_kind(kind), std::string(name)));
  } catch (const Failure& failure) {
    if (failure.error().code != "plugin-unknown") {
      const std::lock_guard guard(mutex_);
      refused_[{kind, std::string(name)}] = failure.error().message;
    }
    return nullptr;
  }
}

std::vector<const config::PluginDescription*> PluginCatalog::all(config::PluginKind kind) const {
  std::vector<const config::PluginDescription*> found;
  for (const auto& info : registry_.list()) {
    if (config_kind(info.kind) == kind) found.push_back(remember(info));
  }
  return found;
}

std::string PluginCatalog::refusal(config::PluginKind kind, std::string_view name) const {
  const std::lock_guard guard(mutex_);
  const auto it = refused_.find({kind, std::string(name)});
  return it == refused_.end() ? std::string() : it->second;
}

}  // namespace certctl::engine
