// Any text as a journal: it is damaged, or what is written of it reads the same.
#include <cstddef>
#include <cstdint>

#include "framework/engine/journal.hpp"
#include "tests/fuzz/require.hpp"

using namespace certctl;
using namespace certctl::engine;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::accepts([&] {
    const std::string written = fuzz::planted(journal_to_text(journal_from_text(fuzz::text_of(data, size))));
    fuzz::require(journal_to_text(journal_from_text(written)) == written, "a journal comes back");
  });
  return 0;
}
