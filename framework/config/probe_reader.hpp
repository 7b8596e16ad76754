// `verify:` of a target: the ways to see what it serves.
#pragma once

#include "framework/config/profile.hpp"
#include "framework/config/report.hpp"

namespace certctl::config {

// `place` is how messages call the target: "deliver[1]".
void read_probes(const Node& target_map, const std::string& place, Target& target, Report& report);

// "tls 127.0.0.1:443 (www.example)", for messages and listings.
[[nodiscard]] std::string probe_text(const Probe& probe);

}  // namespace certctl::config
