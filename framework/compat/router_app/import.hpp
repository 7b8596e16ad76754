// The router app's settings become a profile.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "framework/compat/router_app/module_settings.hpp"

namespace certctl::router_app {

inline constexpr const char* kProfileName = "scepclient";

struct ImportRequest {
  std::string settings;  // path of the settings file
  std::string profile = kProfileName;
  std::string store;     // directory of the store
  std::string previous;  // the profile that an earlier import wrote; empty: none
};

struct Import {
  std::string yaml;  // empty after an error
  std::vector<config::Diagnostic> diagnostics;
  std::vector<std::string> notes;  // lines for people: which CA is trusted, and why
};

// Pure but for the settings file and the store's CA certificates, which it reads. The CA that the first import found
// is kept by the following ones: a pin that changed with the store would be a new issuer each time. Failure
// settings-unreadable.
[[nodiscard]] Import import_settings(const ImportRequest& request);

// Whether a profile was written by an import, and may be written again.
[[nodiscard]] bool is_generated(std::string_view yaml) noexcept;

}  // namespace certctl::router_app
