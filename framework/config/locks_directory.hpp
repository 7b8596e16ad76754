// Where the lock files of targets are: everybody who writes a settings file must look for them in the same place.
#pragma once

#include <string>

#include "framework/config/profile.hpp"

namespace certctl::config {

// `locks:` of the settings; without it the place that all programs of root share, or one beside the state.
[[nodiscard]] std::string locks_directory(const Settings& settings);

// The same for a certctl.yaml, of which only `locks` and `state` count; the defaults where it cannot be read.
[[nodiscard]] std::string locks_directory_of(const std::string& settings_file);

}  // namespace certctl::config
