// The profile that stands for the router app's settings, as a file.
#pragma once

#include <string>
#include <vector>

#include "framework/compat/router_app/import.hpp"
#include "framework/compat/router_app/items.hpp"

namespace certctl::router_app {

inline constexpr std::size_t kLongestProfile = 1U << 20U;

// Writes it unless it says the same already (false). `previous`: what the file says now; empty: it is not there.
// Failures: profile-exists (nobody's import wrote it: it is left alone), those of files.
bool write_profile(const std::string& path, const std::string& previous, const std::string& yaml);

// Makes the profile at `path` what the settings file says now; with automation off, the profile goes (what is kept of
// it stays). Returns what is wrong with the settings: then the profile is as it was. Failures as above.
[[nodiscard]] std::vector<config::Diagnostic> follow_settings(const std::string& settings, const std::string& store,
                                                              const std::string& path);

// Writes the items into the settings file; all that is no item stays. A file that sh cannot read is put aside first.
void save_module_settings(const std::string& path, const Values& values);

}  // namespace certctl::router_app
