// What the judges of the fault campaigns find, by the kinds that the campaigns count.
#pragma once

#include <string>
#include <string_view>

namespace certctl::fault {

enum class Finding : int {
  lost_key,    // a key that was certified is nowhere, or the pair is gone
  mismatched,  // what must be a pair is none
  readable,    // others can read a key or a secret, or write what must be ours
  leftover,    // a finished run left something behind
  broken,      // anything else that must not be
};

constexpr std::string_view word(Finding finding) {
  switch (finding) {
    case Finding::lost_key: return "lost-key";
    case Finding::mismatched: return "mismatched";
    case Finding::readable: return "readable";
    case Finding::leftover: return "leftover";
    case Finding::broken: break;
  }
  return "broken";
}

struct Violation {
  Finding finding;
  std::string text;
};

}  // namespace certctl::fault
