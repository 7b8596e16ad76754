// `status --router-app`: the two lines that the router app's status page and its init script show.
#pragma once

#include <string>

#include "framework/cli/program.hpp"

namespace certctl::cli {

// `settings`: the module's settings file, which says whether automation is on; without one it is on when there is a
// profile. `name`: the profile. Exit code 0.
int router_app_status(Program& program, const std::string& settings, const std::string& name);

}  // namespace certctl::cli
