// certctl-invariants [--no-pair] [--clean] STORE: exit 0 and silence, or one line per violation and exit 1.
#include "tests/fault/store_invariants.hpp"

#include <iostream>
#include <string>

int main(int argc, char** argv) {
  certctl::fault::StoreRules rules;
  std::string store;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--no-pair")
      rules.pair_required = false;
    else if (word == "--clean")
      rules.clean = true;
    else
      store = word;
  }
  if (store.empty()) {
    std::cerr << "usage: certctl-invariants [--no-pair] [--clean] STORE\n";
    return 2;
  }
  const auto violations = certctl::fault::store_violations(store, rules);
  for (const std::string& line : violations) std::cout << line << "\n";
  return violations.empty() ? 0 : 1;
}
