// Texts for people who write profiles: a new one with every option explained, and one as it is in effect.
#pragma once

#include <string>
#include <vector>

#include "framework/config/load.hpp"

namespace certctl::config {

// Which plugins the new profile uses.
struct SampleChoice {
  std::string profile = "example";
  std::string issuer = "scep";
  std::string key_provider = "file";
  std::string store = "scepclient";
  std::vector<std::string> distributors;
  std::vector<std::string> hooks;
};

// A commented profile. Options with a default or without need are commented out; a required one holds kPlaceholder,
// which load() refuses anywhere, so that nobody runs an unfinished profile. Throws Failure "plugin-unknown".
inline constexpr const char* kPlaceholder = "CHANGE-ME";
[[nodiscard]] std::string sample_profile(const PluginCatalog& catalog, const SampleChoice& choice);

// One line for each value: its path, the value, and where it comes from. Throws Failure "profile-unknown".
[[nodiscard]] std::string effective_text(const Loaded& loaded, const std::string& profile);
// The same as a JSON array of { path, value, origin, file, line }.
[[nodiscard]] std::string effective_json(const Loaded& loaded, const std::string& profile);

}  // namespace certctl::config
