// Reads certctl.yaml and the profiles: everything of meaning is checked here that can be judged without touching
// anything outside of the configuration (lint.hpp does the rest). One broken profile never stops the others.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "framework/config/catalog.hpp"
#include "framework/config/diagnostic.hpp"
#include "framework/config/profile.hpp"
#include "framework/config/source_file.hpp"

namespace certctl::config {

// Where a value came from.
enum class Origin : int { file, defaults, builtin };

// One value of a profile as it is in effect, for `profile show --effective` and for messages.
struct EffectiveValue {
  std::string path;  // "issuer.scep.url", "deliver[0].reload"
  std::string text;  // as YAML writes it; a secret is shown as "(secret)" or { file: PATH }
  Origin origin = Origin::file;
  Mark mark;  // of the key; Origin::builtin: empty
};

struct Loaded {
  // False: certctl.yaml itself has errors, nothing else was read, and no verb may do anything.
  bool usable = true;
  Settings settings;
  std::vector<Profile> profiles;                                 // those without an error, sorted by name
  std::vector<Diagnostic> diagnostics;                           // sorted by place
  std::vector<std::string> broken;                               // names of the profiles that have errors, sorted
  std::string profiles_directory;                                // absolute; empty: the profiles are a list
  std::vector<std::string> sources;                              // paths of all that was read, and of the directory
  std::map<std::string, std::vector<EffectiveValue>> effective;  // by profile, broken ones too as far as they were read

  [[nodiscard]] const Profile* find(const std::string& name) const noexcept;
};

// The option of the command line if it is not empty, else $CERTCTL_CONFIG, else /etc/certctl/certctl.yaml; absolute.
[[nodiscard]] std::string settings_path(const std::string& option);

// Called once, when the settings are known and before the first profile is read. The catalog must outlive load().
using OpenCatalog = std::function<const PluginCatalog&(const Settings&)>;

// Throws Failure::never("config-unreadable") when certctl.yaml cannot be read at all; what `open_catalog` throws goes
// through. Everything else is a diagnostic. Runs the command of `device_serial` only if a profile needs it.
// `proposal`: one file as it would be (source_file.hpp); a profile that is not there yet is added. Null: all as it is.
[[nodiscard]] Loaded load(const std::string& settings_file, const OpenCatalog& open_catalog,
                          const Proposal* proposal = nullptr);

// Throws Failure::never("config-invalid") with the first error when `loaded.usable` is false.
void require_usable(const Loaded& loaded);

}  // namespace certctl::config
