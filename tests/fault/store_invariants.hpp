// What must hold of a scepclient store at every instant, judged from outside: this file shares no code with the store.
#pragma once

#include <string>
#include <vector>

namespace certctl::fault {

struct StoreRules {
  bool pair_required = true;  // latest.* must be there; false: they may be absent altogether
  bool clean = false;         // nothing that a finished run would not leave
};

// One line per violation; empty: all is well. Never throws because of what it finds.
std::vector<std::string> store_violations(const std::string& store, const StoreRules& rules);

// The lines joined, for messages.
std::string store_problem(const std::string& store, const StoreRules& rules);

// "sha256:…" of the certificate in a PEM file; empty when there is none.
std::string fingerprint_of_file(const std::string& path);

}  // namespace certctl::fault
