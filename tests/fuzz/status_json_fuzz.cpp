// Any text as what `certctl status` prints for the router's page: rows are read or a problem is shown, and the page
// with them has no markup of theirs.
#include <cstddef>
#include <cstdint>

#include "framework/compat/router_page/status_json.hpp"
#include "framework/page/html.hpp"
#include "tests/fuzz/require.hpp"

using namespace certctl;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text = fuzz::text_of(data, size);
  router_page::StatusFacts lines;
  router_page::read_lines(text, lines);
  router_page::StatusFacts profiles;
  router_page::read_profiles(text, profiles);
  std::size_t rows = 0;
  for (const auto& profile : profiles.profiles) {
    for (const auto& [label, value] : profile.rows) {
      std::string shown = page::escaped(value);
      if (fuzz::planted_bug) shown += '<';
      fuzz::require(shown.find_first_of("<>\"'") == std::string::npos, "a value has no markup");
      fuzz::require(!label.empty() && !value.empty(), "a row has a label and a value");
      ++rows;
    }
  }
  fuzz::require(rows <= text.size(), "there are no more rows than the text is long");
  return 0;
}
