// Any text as a profile that the page may have written: the form has all of it, or it is not the form's.
#include <cstddef>
#include <cstdint>
#include <string>

#include "framework/daemon/profile_form.hpp"
#include "tests/fuzz/require.hpp"

using namespace certctl;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text = fuzz::text_of(data, size);
  auto values = daemon::read_fields("gate", text);
  if (!values) return 0;
  if (fuzz::planted_bug) (*values)["subject"] = "/CN=other";
  fuzz::require(daemon::check_fields(*values).empty(), "what is read could have been sent");
  fuzz::require(daemon::profile_text("gate", *values) == text, "saving the form unchanged changes nothing");
  return 0;
}
