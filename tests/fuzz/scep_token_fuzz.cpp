// Any text as the token of an open SCEP request, and as what is remembered of an issuer.
#include <cstddef>
#include <cstdint>

#include "enrollers/scep/transaction.hpp"
#include "enrollers/scep/trust/pin.hpp"
#include "tests/fuzz/require.hpp"

using namespace certctl;
using fuzz::accepts;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text = fuzz::text_of(data, size);
  accepts([&] {
    const std::string token = scep::token_of(scep::transaction_from(text));
    require(token.size() <= 64U << 10U, "a token has its limit");
    require(scep::token_of(scep::transaction_from(token)) == token, "a token comes back");
  });
  const std::string remembered = scep::memory_text(scep::memory_from(text));
  require(fuzz::planted(scep::memory_text(scep::memory_from(remembered))) == remembered,
          "what is remembered comes back");
  accepts([&] {
    const trust::Fingerprint fingerprint = trust::parse_fingerprint(text);
    const trust::Fingerprint again = trust::parse_fingerprint(text_of(fingerprint));
    require(again.hash == fingerprint.hash && again.hex == fingerprint.hex, "a fingerprint comes back");
  });
  return 0;
}
