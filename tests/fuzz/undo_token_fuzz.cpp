// Any text as an undo token: it is damaged, or what is written of it reads the same.
#include <cstddef>
#include <cstdint>

#include "distributors/files/output/undo_token.hpp"
#include "distributors/openvpn/undo_token.hpp"
#include "distributors/script/undo_token.hpp"
#include "distributors/settings/undo_token.hpp"
#include "tests/fuzz/require.hpp"

using namespace certctl;

namespace {

template <class Read>
void check(const Secret& text, Read read) {
  fuzz::accepts([&] {
    const Secret written = to_text(read(text));
    fuzz::require(fuzz::planted(to_text(read(written)).reveal()) == written.reveal(), "a token comes back");
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Secret text(fuzz::text_of(data, size));
  check(text, files::undo_token_from);
  check(text, script::undo_token_from);
  check(text, settings::undo_token_from);
  check(text, openvpn::undo_token_from);
  return 0;
}
