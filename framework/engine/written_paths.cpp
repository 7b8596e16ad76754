#include "framework/engine/written_paths.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include "framework/engine/engine_host.hpp"

namespace certctl::engine {
namespace {

bool runs_commands(const config::Profile& profile) {
  const auto is_script = [](const std::string& plugin) { return plugin == "script"; };
  return std::any_of(profile.targets.begin(), profile.targets.end(),
                     [&](const config::Target& target) {
                       return !target.reload.empty() || !target.restart.empty() || is_script(target.plugin.plugin);
                     }) ||
         std::any_of(profile.hooks.begin(), profile.hooks.end(),
                     [&](const config::HookUse& hook) { return is_script(hook.plugin.plugin); });
}

// Files are replaced whole: their directory is written.
void add_files_of(const Inspection& inspection, std::set<std::string>& paths) {
  constexpr std::string_view kFile = "file:";
  for (const std::string& resource : inspection.resources) {
    if (!resource.starts_with(kFile)) continue;
    const std::string file = resource.substr(kFile.size(), resource.find('#') - kFile.size());
    const std::string directory = std::filesystem::path(file).parent_path().string();
    if (!directory.empty() && directory.front() == '/') paths.insert(directory);
  }
}

// Sorted text has what is inside a directory right behind it, but for siblings like "/a-b" between "/a" and "/a/b".
std::vector<std::string> outermost(const std::set<std::string>& paths) {
  std::vector<std::string> kept;
  for (const std::string& path : paths) {
    const bool inside = std::any_of(kept.begin(), kept.end(), [&](const std::string& outer) {
      return outer == "/" || (path.size() > outer.size() && path.starts_with(outer) && path[outer.size()] == '/');
    });
    if (!inside) kept.push_back(path);
  }
  return kept;
}

}  // namespace

WrittenPaths written_paths(const Context& context, const std::vector<config::Profile>& profiles) {
  WrittenPaths result;
  std::set<std::string> paths{context.settings.state};
  if (!context.locks_directory.empty()) paths.insert(context.locks_directory);
  for (const config::Profile& profile : profiles) {
    EngineHost host(context, profile.name, nullptr, "lint", [] { return true; });
    try {
      auto store = context.registry->make<StoreApi>(profile.store.plugin, profile.store.options, host);
      const std::string location = store.call(&StoreApi::location);
      if (location.starts_with('/')) paths.insert(location);
    } catch (const Failure&) {  // lint's own findings say so
    }
    for (const config::Target& target : profile.targets) {
      try {
        auto instance = context.registry->make<DistributorApi>(target.plugin.plugin, target.plugin.options, host);
        add_files_of(instance.call(&DistributorApi::inspect, static_cast<const Credential*>(nullptr)), paths);
      } catch (const Failure&) {
        continue;
      }
    }
    if (runs_commands(profile)) result.scripts.push_back(profile.name);
  }
  result.directories = outermost(paths);
  return result;
}

}  // namespace certctl::engine
