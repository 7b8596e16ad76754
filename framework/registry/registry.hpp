// Finds, checks and loads plugins: those that are linked into the program and those in the configured directories.
//
// A plugin is loaded when it is asked for, not before: <directory>/<kind>_<name>.so, or, without it, the executable
// <directory>/<kind>_<name> behind the exec bridge. The first directory that has it
// wins; one that is linked into the program comes before all. Before a file is loaded, it and everything above it must
// belong to root or the running user and be writable by nobody else, and it must have the section of a plugin; after
// that its descriptor is checked, before anything C++. Nothing is ever unloaded.
//
// Threads: every member may be called from several threads at once. References that are returned live as long as the
// registry, which must outlive its instances. A plugin whose code ends the process (exit, a crash) when it is loaded or
// called ends this run: it can't be contained in the same process. The exec bridge is for plugins that are not trusted
// so far.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "framework/registry/instance.hpp"
#include "framework/registry/plugin_info.hpp"

namespace certctl::registry {

class Registry {
 public:
  // Looks at nothing yet. Directories are absolute and searched in this order; one that does not exist has no plugins.
  explicit Registry(std::vector<std::string> directories);
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  // Throws Failure (RetryClass::never): plugin-unknown with the names that there are, or why the file is refused.
  const PluginInfo& find(Kind kind, const std::string& name);
  // The option table. Throws as find().
  std::span<const OptionSpec> options(Kind kind, const std::string& name) { return find(kind, name).options; }

  // make<StoreApi>("scepclient", options, host). Throws as find(), and what the plugin says of its options.
  template <class Api>
  Instance<Api> make(const std::string& name, Options options, Host& host) {
    return Instance<Api>(plugin(KindOfApi<Api>::value, name), std::move(options), host);
  }

  // Everything there is, by kind and name. Loads all plugins: for `plugin list`, lint and schemas, not for a renewal.
  [[nodiscard]] std::vector<PluginInfo> list();
  // What was refused by all calls so far, by path.
  [[nodiscard]] std::vector<Refusal> refusals() const;

  // Looks at one file as if it stood in a plugin directory, whatever its directory is; loads it. Throws Failure.
  [[nodiscard]] static PluginInfo check(const std::string& path);

 private:
  using Key = std::pair<Kind, std::string>;
  struct Found {
    std::unique_ptr<Plugin> plugin;  // null: looked for and not there, or refused
    std::string path;                // of its file; empty: linked into the program, or not there
  };
  const Plugin& plugin(Kind kind, const std::string& name);
  void open_locked();
  const Found& find_locked(const Key& key);
  void refuse_locked(const std::string& path, Error error);
  [[nodiscard]] std::string names_locked(Kind kind) const;

  const std::vector<std::string> directories_;
  mutable std::mutex mutex_;
  bool opened_ = false;
  std::vector<std::string> usable_;        // of directories_, without symbolic links
  std::map<Key, Found> plugins_;           // nothing is ever taken out
  std::map<std::string, Error> refusals_;  // by path
};

}  // namespace certctl::registry
