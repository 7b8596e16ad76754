#include "framework/daemon/configuration.hpp"

#include <sys/stat.h>

#include <algorithm>

#include "framework/config/locks_directory.hpp"
#include "framework/config/profile_hash.hpp"

namespace certctl::daemon {
namespace {

// Of each path: which file it is, its size and the instant of its last change.
std::string signature_of(const std::vector<std::string>& paths) {
  std::string text;
  for (const std::string& path : paths) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
      text += "-;";
      continue;
    }
    for (const auto number :
         {static_cast<long long>(status.st_dev), static_cast<long long>(status.st_ino),
          static_cast<long long>(status.st_size), static_cast<long long>(status.st_mtim.tv_sec),
          static_cast<long long>(status.st_mtim.tv_nsec), static_cast<long long>(status.st_ctim.tv_sec),
          static_cast<long long>(status.st_ctim.tv_nsec)})
      text += std::to_string(number) + ",";
    text += ";";
  }
  return text;
}

}  // namespace

std::unique_ptr<Configuration::Parts> Configuration::read() const {
  auto parts = std::make_unique<Parts>();
  parts->loaded = config::load(settings_file_, [&](const config::Settings& settings) -> const config::PluginCatalog& {
    parts->registry = std::make_unique<registry::Registry>(settings.plugin_directories);
    parts->catalog = std::make_unique<engine::PluginCatalog>(*parts->registry);
    return *parts->catalog;
  });
  parts->context = base_;
  parts->context.settings = parts->loaded.settings;
  parts->context.registry = parts->registry.get();
  parts->context.locks_directory = config::locks_directory(parts->loaded.settings);
  return parts;
}

Configuration::Outcome Configuration::load() {
  Outcome outcome;
  std::unique_ptr<Parts> fresh;
  // Before reading: a change while it is read is seen at the next look.
  signature_ = signature_of(watched_);
  try {
    fresh = read();
    if (!current_) config::require_usable(fresh->loaded);
  } catch (const Failure& failure) {
    if (!current_) throw;
    errors_ = {{{settings_file_, 0, 0},
                config::Severity::error,
                failure.error().code,
                failure.error().message,
                failure.error().hint,
                {}}};
    outcome.errors = errors_;
    outcome.kept = true;
    return outcome;
  }
  errors_.clear();
  for (const config::Diagnostic& diagnostic : fresh->loaded.diagnostics)
    if (diagnostic.severity == config::Severity::error) errors_.push_back(diagnostic);
  outcome.errors = errors_;
  if (watched_ != fresh->loaded.sources && fresh->loaded.usable) {
    watched_ = fresh->loaded.sources;
    signature_ = signature_of(watched_);
  }
  if (!fresh->loaded.usable) {
    outcome.kept = true;
    return outcome;
  }
  if (current_) {
    for (const std::string& name : fresh->loaded.broken) {
      const config::Profile* old = current_->loaded.find(name);
      if (old == nullptr) continue;
      fresh->loaded.profiles.push_back(*old);
      outcome.kept = true;
    }
    std::sort(fresh->loaded.profiles.begin(), fresh->loaded.profiles.end(),
              [](const config::Profile& a, const config::Profile& b) { return a.name < b.name; });
  }
  for (const config::Profile& profile : fresh->loaded.profiles) {
    const config::Profile* old = current_ ? current_->loaded.find(profile.name) : nullptr;
    if (old == nullptr || config::hash_profile(*old).configuration != config::hash_profile(profile).configuration)
      outcome.changed.push_back(profile.name);
  }
  current_ = std::move(fresh);
  return outcome;
}

bool Configuration::outdated() const {
  return signature_of(watched_) != signature_;
}

std::vector<std::string> Configuration::all_names() const {
  std::vector<std::string> names = current_->loaded.broken;
  for (const config::Profile& profile : current_->loaded.profiles) names.push_back(profile.name);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace certctl::daemon
