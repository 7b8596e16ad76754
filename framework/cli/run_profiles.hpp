// Runs one of the engine's verbs over the chosen profiles side by side, prints the reports, and gives the exit code.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "framework/cli/program.hpp"

namespace certctl::cli {

int run_profiles(Program& program, const std::vector<std::string>& names, int jobs,
                 const std::function<engine::RunReport(const engine::Context&, const config::Profile&)>& verb);

// One profile by name; throws Failure when it is unknown or broken.
[[nodiscard]] const config::Profile& require_profile(Program& program, const std::string& name);

}  // namespace certctl::cli
