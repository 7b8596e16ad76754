// The place of a plugin in a profile: a map whose single key beside the engine's names the plugin.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "framework/config/catalog.hpp"
#include "framework/config/report.hpp"

namespace certctl::config {

struct PluginPlace {
  PluginKind kind = PluginKind::enroller;
  std::string name;                      // how messages call it: "issuer", "deliver[1]"
  std::vector<std::string> engine_keys;  // what else may stand there
  std::span<const OptionSpec> extra;     // options that the engine adds where the plugin's table lacks them
};

// The entry that names the plugin; null, and an error in the report, when there is not exactly one. Keys that are
// neither the engine's nor a plugin are reported.
[[nodiscard]] const Entry* choose_plugin(const PluginPlace& place, const Node& map, const PluginCatalog& catalog,
                                         Report& report);
// The plugin with its options, checked against its table, defaults filled in. Nothing after an error.
[[nodiscard]] std::optional<PluginUse> read_plugin(const PluginPlace& place, const Node& map,
                                                   const PluginCatalog& catalog, Report& report);
// The same for a plugin without a key in the file: all options have their defaults.
[[nodiscard]] std::optional<PluginUse> default_plugin(const PluginPlace& place, const std::string& plugin,
                                                      const Mark& mark, const PluginCatalog& catalog, Report& report);

}  // namespace certctl::config
