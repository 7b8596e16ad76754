// Rules across the parts of one profile, by what an enroller's option table declares:
//   allow_ec (boolean)                 an EC key needs it to be true
//   transaction_id (choice) with `key` needs a new key for each request: rotate: always
//   ca_fingerprint, ca_file, trust_on_first_use   one of those that are declared must be set: which CA is trusted
//   drop_subject (boolean)             only DNS names and IP addresses can be certified; without it nothing else may be
//                                      asked for, with it the subject may have more, which is left out
// An enroller that declares none of these options is free of the rules.
#pragma once

#include "framework/config/catalog.hpp"
#include "framework/config/report.hpp"

namespace certctl::config {

// `profile` was read from `root` without an error.
void find_contradictions(const Node& root, const PluginCatalog& catalog, const Profile& profile, Report& report);

}  // namespace certctl::config
