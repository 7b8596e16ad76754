// `deliver:` and `hooks:` of a profile: lists of plugins with the engine's keys beside them.
#pragma once

#include "framework/config/catalog.hpp"
#include "framework/config/report.hpp"

namespace certctl::config {

void read_targets(const Node& profile_map, const PluginCatalog& catalog, Profile& profile, Report& report);
void read_hooks(const Node& profile_map, const PluginCatalog& catalog, Profile& profile, Report& report);

// The events of hooks, in the order of the manual.
inline constexpr const char* kEvents[] = {"pending", "delivered", "failed", "recovered", "before-deliver"};
inline constexpr const char* kTargetKeys[] = {"name",   "reload",         "restart",   "timeout",
                                              "verify", "verify_timeout", "on_failure"};
inline constexpr const char* kHookKeys[] = {"on"};

}  // namespace certctl::config
