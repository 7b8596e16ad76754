// The registry's plugins as configuration sees them.
#pragma once

#include <map>
#include <mutex>
#include <utility>

#include "framework/config/catalog.hpp"
#include "framework/registry/registry.hpp"

namespace certctl::engine {

class PluginCatalog final : public config::PluginCatalog {
 public:
  // The registry must outlive the catalog.
  explicit PluginCatalog(registry::Registry& registry) : registry_(registry) {}

  [[nodiscard]] const config::PluginDescription* find(config::PluginKind kind, std::string_view name) const override;
  [[nodiscard]] std::vector<const config::PluginDescription*> all(config::PluginKind kind) const override;
  [[nodiscard]] std::string refusal(config::PluginKind kind, std::string_view name) const override;

 private:
  using Key = std::pair<config::PluginKind, std::string>;
  const config::PluginDescription* remember(const registry::PluginInfo& info) const;

  registry::Registry& registry_;
  mutable std::mutex mutex_;
  mutable std::map<Key, config::PluginDescription> known_;
  mutable std::map<Key, std::string> refused_;
};

}  // namespace certctl::engine
