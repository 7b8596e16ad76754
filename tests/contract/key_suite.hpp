// What every key provider promises (certctl/key_provider.hpp).
#pragma once

#include <certctl/plugin.hpp>

#include <string>
#include <vector>

#include "tests/contract/conformance.hpp"
#include "tests/contract/instance.hpp"

namespace certctl::contract {

struct KeySubject {
  Maker<KeyProviderApi> make;
  Options options;
  std::string name;                // of the plugin, as KeyRef::provider
  std::vector<KeySpec> can;        // at least one
  std::vector<KeySpec> cannot;     // at least one
  std::vector<KeyRef> unreadable;  // references that name no key of it; at least one
};

void key_suite(const KeySubject& subject);

}  // namespace certctl::contract
