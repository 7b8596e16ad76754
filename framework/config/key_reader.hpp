// `key:` of a profile: the key provider, the kind of key, and when it is replaced.
#pragma once

#include "framework/config/catalog.hpp"
#include "framework/config/report.hpp"

namespace certctl::config {

// Fills key_provider, key, rotate, rotate_age. An absent `key` is { file: {}, type: rsa, bits: 2048, rotate: always }.
void read_key(const Node& profile_map, const PluginCatalog& catalog, Profile& profile, Report& report);

}  // namespace certctl::config
