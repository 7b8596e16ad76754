// What must hold for every edit of every file, for the property test and the fuzzer.
#pragma once

#include <string>
#include <vector>

namespace settings_test {

struct Tally {
  int edited = 0;
  int refused = 0;
  bool spoil = false;  // what the editor wrote is spoilt before it is judged: the judge must say so
};

// Values as programs other than ours write them.
const std::vector<std::string>& old_values();

// Edits the names K (key) and C (certificate) in the file; the bits of `choice` select the options. Returns what is
// wrong, or "".
std::string check_edit(const std::string& text, unsigned choice, Tally& tally);

}  // namespace settings_test
