// What must hold of a scepclient store at every instant, judged from outside: this file shares no code with the store.
#pragma once

#include <string>
#include <vector>

#include "tests/fault/violation.hpp"

namespace certctl::fault {

struct StoreRules {
  bool pair_required = true;  // latest.* must be there; false: they may be absent altogether
  bool clean = false;         // nothing that a finished run would not leave
};

// One per violation; empty: all is well. Never throws because of what it finds.
std::vector<Violation> store_violations(const std::string& store, const StoreRules& rules);

// Their texts joined, for messages.
std::string store_problem(const std::string& store, const StoreRules& rules);

// "sha256:…" of the certificate in a PEM file; empty when there is none.
std::string fingerprint_of_file(const std::string& path);

}  // namespace certctl::fault
