#include "framework/daemon/configuration.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "framework/compat/router_app/generated_profile.hpp"
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

std::unique_ptr<Configuration::Parts> Configuration::read(const config::Proposal* proposal) const {
  auto parts = std::make_unique<Parts>();
  const auto open_catalog = [&](const config::Settings& settings) -> const config::PluginCatalog& {
    parts->registry = std::make_unique<registry::Registry>(settings.plugin_directories);
    parts->catalog = std::make_unique<engine::PluginCatalog>(*parts->registry);
    return *parts->catalog;
  };
  parts->loaded = config::load(settings_file_, open_catalog, proposal);
  parts->context = base_;
  parts->context.settings = parts->loaded.settings;
  parts->context.registry = parts->registry.get();
  parts->context.locks_directory = config::locks_directory(parts->loaded.settings);
  return parts;
}

Configuration::Trial Configuration::try_out(const config::Proposal& proposal) const {
  return Trial(read(&proposal));
}

// What is wrong there goes to the others' errors: the profile that was made of the settings last goes on.
void Configuration::follow_router_app(Outcome& outcome) const {
  if (router_app_.settings.empty()) return;
  const auto profile = std::filesystem::path(settings_file_).parent_path() / "profiles.d" /
                       (std::string(router_app::kProfileName) + ".yaml");
  try {
    for (const config::Diagnostic& found :
         router_app::follow_settings(router_app_.settings, router_app_.store, profile.string()))
      if (found.severity == config::Severity::error) outcome.errors.push_back(found);
  } catch (const Failure& failure) {
    const Error& error = failure.error();
    outcome.errors.push_back(
        {{router_app_.settings, 0, 0}, config::Severity::error, error.code, error.message, error.hint, {}});
  }
  outcome.kept = !outcome.errors.empty();
}

Configuration::Outcome Configuration::load() {
  Outcome outcome;
  std::unique_ptr<Parts> fresh;
  // Before reading: a change while it is read is seen at the next look.
  signature_ = signature_of(watched_);
  follow_router_app(outcome);
  try {
    fresh = read(nullptr);
    if (!current_) config::require_usable(fresh->loaded);
  } catch (const Failure& failure) {
    if (!current_) throw;
    outcome.errors.push_back({{settings_file_, 0, 0},
                              config::Severity::error,
                              failure.error().code,
                              failure.error().message,
                              failure.error().hint,
                              {}});
    errors_ = outcome.errors;
    outcome.kept = true;
    return outcome;
  }
  for (const config::Diagnostic& diagnostic : fresh->loaded.diagnostics)
    if (diagnostic.severity == config::Severity::error) outcome.errors.push_back(diagnostic);
  errors_ = outcome.errors;
  std::vector<std::string> sources = fresh->loaded.sources;
  if (!router_app_.settings.empty()) sources.push_back(router_app_.settings);
  if (watched_ != sources && fresh->loaded.usable) {
    watched_ = std::move(sources);
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
