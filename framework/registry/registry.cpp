#include "framework/registry/registry.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <set>

#include "framework/registry/built_in.hpp"
#include "framework/registry/descriptor_check.hpp"
#include "framework/registry/executable.hpp"
#include "framework/registry/module.hpp"
#include "framework/registry/trusted_path.hpp"

namespace certctl::registry {
namespace fs = std::filesystem;
namespace {

bool exists(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 || errno != ENOENT;
}

bool is_module(const std::string& path) {
  return path.ends_with(".so");
}

std::optional<std::pair<Kind, std::string>> parse_file_name(const std::string& file_name) {
  return is_module(file_name) ? parse_module_file_name(file_name) : parse_executable_file_name(file_name);
}

Plugin load_file(const std::string& path) {
  return is_module(path) ? load_module(path) : load_executable(path);
}

// The files of a directory that end in .so or are called like an executable, sorted; none when it can't be read.
std::vector<std::string> plugins_in(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code problem;
  for (auto it = fs::directory_iterator(directory, problem); !problem && it != fs::directory_iterator();
       it.increment(problem)) {
    const std::string name = it->path().filename().string();
    if (is_module(name) || parse_executable_file_name(name)) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

Failure refused(const std::string& path, const Error& error) {
  Error named = error;
  named.message = "plugin " + path + " is not used: " + error.message;
  return Failure(named);
}

}  // namespace

Registry::Registry(std::vector<std::string> directories) : directories_(std::move(directories)) {}
Registry::~Registry() = default;

const PluginInfo& Registry::find(Kind kind, const std::string& name) {
  return plugin(kind, name).info;
}

const Plugin& Registry::plugin(Kind kind, const std::string& name) {
  const std::lock_guard lock(mutex_);
  open_locked();
  const Found& found = find_locked({kind, name});
  if (found.plugin) return *found.plugin;
  if (!found.path.empty()) throw refused(found.path, refusals_.at(found.path));
  std::string hint = names_locked(kind);
  hint = hint.empty() ? "there is none of this kind" : "there are: " + hint;
  for (const auto& directory : directories_) {
    const auto refusal = refusals_.find(directory);
    hint +=
        "; " + directory + (refusal == refusals_.end() ? " was searched" : " is not used: " + refusal->second.message);
  }
  throw Failure::never("plugin-unknown", "there is no " + std::string(title(kind)) + " '" + name + "'", hint);
}

// Once: what is linked in, and which directories may be used.
void Registry::open_locked() {
  if (opened_) return;
  opened_ = true;
  for (const certctl_descriptor* descriptor : built_in_descriptors()) {
    try {
      auto plugin = std::make_unique<Plugin>(checked_plugin(*descriptor, ""));
      Key key{plugin->info.kind, plugin->info.name};
      plugins_.try_emplace(std::move(key), Found{std::move(plugin), ""});
    } catch (const Failure& failure) {
      refuse_locked("(linked into the program)", failure.error());
    }
  }
  for (const auto& directory : directories_) {
    try {
      usable_.push_back(trusted_path(directory, Leaf::directory));
    } catch (const Failure& failure) {
      if (failure.error().code != "plugin-missing") refuse_locked(directory, failure.error());
    }
  }
}

const Registry::Found& Registry::find_locked(const Key& key) {
  const auto known = plugins_.find(key);
  if (known != plugins_.end()) return known->second;
  Found found;
  if (is_plugin_name(key.second)) {
    for (const auto& directory : usable_) {
      std::string path = directory + "/" + module_file_name(key.first, key.second);
      if (!exists(path)) path = directory + "/" + executable_file_name(key.first, key.second);
      if (!exists(path) || !parse_file_name(path.substr(path.rfind('/') + 1))) continue;
      found.path = path;  // a file that is refused does not make way for another of its name
      try {
        found.plugin = std::make_unique<Plugin>(load_file(path));
      } catch (const Failure& failure) {
        refuse_locked(path, failure.error());
      }
      break;
    }
  }
  return plugins_.emplace(key, std::move(found)).first->second;
}

std::vector<PluginInfo> Registry::list() {
  const std::lock_guard lock(mutex_);
  open_locked();
  for (const auto& directory : usable_) {
    for (const auto& file : plugins_in(directory)) {
      const std::string path = directory + "/" + file;
      const auto key = parse_file_name(file);
      if (!key) {
        refuse_locked(path, wrong_file_name());
        continue;
      }
      const Found& found = find_locked(*key);
      if (found.path == path) continue;
      refuse_locked(path, Error{"plugin-shadowed",
                                "another " + std::string(title(key->first)) + " '" + key->second +
                                    "' comes first: " + (found.path.empty() ? "the one in the program" : found.path),
                                "remove one of them",
                                RetryClass::never,
                                {}});
    }
  }
  std::vector<PluginInfo> all;
  for (const auto& [key, found] : plugins_)
    if (found.plugin) all.push_back(found.plugin->info);
  return all;
}

std::vector<Refusal> Registry::refusals() const {
  const std::lock_guard lock(mutex_);
  std::vector<Refusal> all;
  for (const auto& [path, error] : refusals_) all.push_back({path, error});
  return all;
}

PluginInfo Registry::check(const std::string& path) {
  return load_file(fs::absolute(path).lexically_normal().string()).info;
}

void Registry::refuse_locked(const std::string& path, Error error) {
  refusals_.insert_or_assign(path, std::move(error));
}

// Names of a kind, without loading anything.
std::string Registry::names_locked(Kind kind) const {
  std::set<std::string> names;
  for (const auto& [key, found] : plugins_)
    if (key.first == kind && found.plugin) names.insert(key.second);
  for (const auto& directory : usable_)
    for (const auto& file : plugins_in(directory))
      if (const auto key = parse_file_name(file); key && key->first == kind) names.insert(key->second);
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace certctl::registry
