// What `certctl lint` finds beyond load(): it looks at files, lets plugins judge their options, and compares profiles.
#pragma once

#include <certctl/distributor.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "framework/config/load.hpp"

namespace certctl::config {

// Makes the plugin with its options, which validates them without an outside effect, and asks it for nothing.
// Returns what it refused with.
using ValidatePlugin = std::function<std::optional<Error>(PluginKind kind, const PluginUse& use, const Profile&)>;

// Rules over one configuration: plugins' own rules, readable secrets, missing files, renewal windows. `validate` may be
// empty.
[[nodiscard]] std::vector<Diagnostic> lint(const Loaded& loaded, const ValidatePlugin& validate);

// What a target of a profile said of itself (Distributor::inspect), or a store (Store::location).
struct TargetClaim {
  std::string profile;
  std::string target;
  Mark mark;
  Inspection inspection;
  bool reloads_itself = false;    // the distributor has the power `Reloads`
  bool reload_configured = true;  // the profile has `reload:`, be it empty
  bool restart_configured = false;
  bool verified = false;  // somebody can say what it serves: the distributor, or `verify:`
};
struct StoreClaim {
  std::string profile;
  Mark mark;
  std::string location;
};

// Two profiles that write the same value, output file or store; one target that writes what another of its profile
// writes; targets that others can read; a target whose service nobody tells.
[[nodiscard]] std::vector<Diagnostic> lint_claims(const std::vector<TargetClaim>& targets,
                                                  const std::vector<StoreClaim>& stores);

}  // namespace certctl::config
