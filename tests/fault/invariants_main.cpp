// certctl-invariants [SWITCH…] STORE: exit 0 and silence, or one line per violation ("kind: what") and exit 1.
//   --no-pair              there need be no pair yet
//   --clean                and nothing that a finished run would not leave
//   --state DIRECTORY      the profile's state directory, too
//   --issued CERTIFICATE   its key must be in the store or in the state; may be repeated
//   --settings FILE:KEY:CERTIFICATE   these two variables hold a pair, or nothing; may be repeated
#include <iostream>
#include <string>

#include "tests/fault/state_invariants.hpp"
#include "tests/fault/store_invariants.hpp"

int main(int argc, char** argv) {
  using namespace certctl::fault;
  StoreRules rules;
  std::string store;
  std::string state;
  std::vector<std::string> issued;
  std::vector<std::string> settings;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--no-pair") {
      rules.pair_required = false;
    } else if (word == "--clean") {
      rules.clean = true;
    } else if (word.rfind("--", 0) == 0) {
      const std::string value = i + 1 < argc ? argv[++i] : "";
      if (word == "--state") {
        state = value;
      } else if (word == "--issued") {
        issued.push_back(value);
      } else if (word == "--settings") {
        settings.push_back(value);
      } else {
        store.clear();
        break;
      }
    } else {
      store = word;
    }
  }
  if (store.empty()) {
    std::cerr << "usage: certctl-invariants [--no-pair] [--clean] [--state DIRECTORY] [--issued CERTIFICATE]... "
                 "[--settings FILE:KEY:CERTIFICATE]... STORE\n";
    return 2;
  }
  auto found = store_violations(store, rules);
  const auto add = [&](const std::vector<Violation>& more) { found.insert(found.end(), more.begin(), more.end()); };
  if (!state.empty()) add(state_violations(state, rules.clean));
  if (!issued.empty()) add(key_violations(issued, {store, state}));
  for (const std::string& one : settings) add(settings_violations(one));
  for (const Violation& one : found) std::cout << word(one.finding) << ": " << one.text << "\n";
  return found.empty() ? 0 : 1;
}
