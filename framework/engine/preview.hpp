// preview: the plan of a profile for people and programs, without touching anything.
#pragma once

#include <string>
#include <vector>

#include "framework/engine/context.hpp"
#include "framework/engine/plan.hpp"

namespace certctl::engine {

struct TargetPreview {
  std::string target;
  bool deliver = false;        // now, with the certificate that is active
  bool after_renewal = false;  // once the renewal that is due has succeeded
  std::string disturbance;     // none, reload, restart, script
  std::string detail;
  std::vector<std::string> diff;
};

struct Preview {
  std::string profile;
  Decision decision;
  bool request_due = false;
  bool due = false;   // the moment of the decision's action has come, whatever blocks it
  bool work = false;  // a `renew` now would do something
  std::vector<TargetPreview> targets;
  std::string problem;  // why the profile can't be looked at
};

// Never throws.
[[nodiscard]] Preview preview(const Context& context, const config::Profile& profile, const Wishes& wishes,
                              bool diff) noexcept;

}  // namespace certctl::engine
