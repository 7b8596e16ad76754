#include "framework/config/locks_directory.hpp"

#include <unistd.h>

#include "framework/config/load.hpp"
#include "framework/config/settings_reader.hpp"
#include "framework/config/source_file.hpp"

namespace certctl::config {

std::string locks_directory(const Settings& settings) {
  if (!settings.locks.empty()) return settings.locks;
  if (geteuid() == 0) return "/run/lock/certctl";
  return settings.state + "/.locks";
}

std::string locks_directory_of(const std::string& settings_file) {
  Settings settings;
  settings.state = kDefaultState;
  const std::string path = settings_path(settings_file);
  if (const SourceFile source = read_source(path); source.root) {
    Report report({}, path);
    settings = read_settings(*source.root, path, report).settings;
    if (settings.state.empty()) settings.state = kDefaultState;
  }
  return locks_directory(settings);
}

}  // namespace certctl::config
