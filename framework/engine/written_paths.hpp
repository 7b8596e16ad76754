// Where certctl writes for its profiles, for who confines it.
#pragma once

#include <string>
#include <vector>

#include "framework/engine/context.hpp"

namespace certctl::engine {

struct WrittenPaths {
  std::vector<std::string> directories;  // absolute, sorted, none inside another
  std::vector<std::string> scripts;      // profiles that run commands or scripts, which may write anywhere
};

// State, locks, stores, and the directories of the files that distributors replace. What a plugin cannot say is left
// out.
[[nodiscard]] WrittenPaths written_paths(const Context& context, const std::vector<config::Profile>& profiles);

}  // namespace certctl::engine
