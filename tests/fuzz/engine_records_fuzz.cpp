// Any text as the records that the engine keeps beside the journal: damaged, or what is written of it reads the same.
#include <cstddef>
#include <cstdint>

#include "framework/engine/recorded_request.hpp"
#include "framework/engine/rollover_record.hpp"
#include "tests/fuzz/require.hpp"

using namespace certctl;
using namespace certctl::engine;
using fuzz::accepts;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text = fuzz::text_of(data, size);
  accepts([&] {
    const std::string written = recorded_request_to_text(recorded_request_from_text(text), true);
    require(fuzz::planted(recorded_request_to_text(recorded_request_from_text(written), true)) == written,
            "a request comes back");
    (void)recorded_request_to_text(recorded_request_from_text(written), false);
  });
  accepts([&] {
    const std::string written = rollover_record_to_text(rollover_record_from_text(text));
    require(fuzz::planted(rollover_record_to_text(rollover_record_from_text(written))) == written,
            "a record comes back");
  });
  return 0;
}
