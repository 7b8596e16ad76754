#include "framework/compat/router_app/generated_profile.hpp"

#include <certctl/result.hpp>

#include <filesystem>

#include "framework/compat/router_app/settings_text.hpp"
#include "framework/sys/atomic_file.hpp"

namespace certctl::router_app {

namespace fs = std::filesystem;

bool write_profile(const std::string& path, const std::string& previous, const std::string& yaml) {
  if (previous == yaml) return false;
  if (!previous.empty() && !is_generated(previous)) {
    throw Failure::never("profile-exists", path + " was not written by an import, and is left alone",
                         "remove the settings file to go on with that profile, or the profile to import again");
  }
  std::error_code error;
  if (!fs::exists(fs::path(path).parent_path(), error))
    sys::make_private_directory(fs::path(path).parent_path().string());
  sys::replace_file(path, yaml, 0600);
  return true;
}

std::vector<config::Diagnostic> follow_settings(const std::string& settings, const std::string& store,
                                                const std::string& path) {
  const std::string previous = sys::read_file_if_exists(path, kLongestProfile).value_or("");
  const ModuleSettings read = read_module_settings_file(settings);
  if (read.usable() && !flag(read.values, "ENABLED")) {
    if (is_generated(previous)) sys::remove_file(path);
    return read.diagnostics;
  }
  Import import = import_settings({settings, kProfileName, store, previous});
  if (!import.yaml.empty()) write_profile(path, previous, import.yaml);
  return std::move(import.diagnostics);
}

void save_module_settings(const std::string& path, const Values& values) {
  std::string old = sys::read_file_if_exists(path, kLongestSettingsFile).value_or("");
  // What sh cannot read must not swallow what is written.
  if (config::has_errors(parse_settings(old, "").diagnostics)) {
    sys::replace_file(path + ".unreadable", old, 0600);
    old.clear();
  }
  sys::WriteOptions options;
  options.like_existing = true;
  sys::replace_file(path, module_settings_text(old, values), options);
}

}  // namespace certctl::router_app
