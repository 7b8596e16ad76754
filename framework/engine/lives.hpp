// Lives of profiles: generations and their history, a profile that got another name, a profile that is given up.
#pragma once

#include <string>
#include <vector>

#include "framework/engine/context.hpp"

namespace certctl::engine {

struct HistoryEntry {
  int generation = 0;
  std::string serial;
  std::string fingerprint;
  std::string subject;
  EpochSeconds not_before = 0, not_after = 0;
  EpochSeconds activated = 0;  // 0: not known (adopted)
  bool active = false;
  bool held = false;
  bool whole = false;
  std::string problem;
  std::vector<std::string> targets;  // that hold it
  std::vector<std::string> differs;
};

// Oldest first. Throws Failure when the store can't be read.
[[nodiscard]] std::vector<HistoryEntry> history(const Context& context, const config::Profile& profile);

// The state of `old_name` (a profile that no longer exists) becomes the state of `profile`, store ownership included.
// Throws Failure: profile-exists, profile-unknown, busy.
void adopt_state(const Context& context, const std::string& old_name, const config::Profile& profile);

// Removes the state of a profile. Refuses an open transaction unless `abandon`. The store stays. Throws Failure:
// profile-unknown, transaction-open, busy.
void forget(const Context& context, const std::string& name, bool abandon);

}  // namespace certctl::engine
