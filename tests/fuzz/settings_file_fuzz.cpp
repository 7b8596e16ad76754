// Any text as a settings file: an edit of it changes the named values and nothing else, and undo gives every byte back.
// The first byte selects the options, the rest is the file.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/require.hpp"
#include "tests/unit/settings/editor_property.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  settings_test::Tally tally;
  tally.spoil = certctl::fuzz::planted_bug;
  const std::string problem = settings_test::check_edit(certctl::fuzz::text_of(data + 1, size - 1), data[0], tally);
  certctl::fuzz::require(problem.empty(), problem);
  return 0;
}
