// The suites of tests/contract, made for any plugin: what a plugin's own test knows about its target is found out or
// comes from the command line.
#pragma once

#include "tests/contract/plugin_check/subject.hpp"

namespace certctl::plugin_check {

// Called in a Catch2 test case.
void check_distributor(const Subject& subject);
void check_hook(const Subject& subject);
void check_store(const Subject& subject);
void check_key_provider(const Subject& subject);
void check_enroller(const Subject& subject);

}  // namespace certctl::plugin_check
