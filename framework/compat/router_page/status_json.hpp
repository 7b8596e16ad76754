// Reads what `certctl status` prints, as far as the page shows it. Output that is no such JSON is a problem, shown.
#pragma once

#include <string>

#include "framework/compat/router_page/module.hpp"

namespace certctl::router_page {

void read_lines(const std::string& json, StatusFacts& facts);     // of `status --router-app`
void read_profiles(const std::string& json, StatusFacts& facts);  // of `status`

}  // namespace certctl::router_page
