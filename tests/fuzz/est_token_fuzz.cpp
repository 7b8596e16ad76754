// Any text as the token of an open EST request, and as what is remembered of an issuer.
#include <cstddef>
#include <cstdint>

#include "enrollers/est/transaction.hpp"
#include "tests/fuzz/require.hpp"

using namespace certctl;
using fuzz::accepts;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text = fuzz::text_of(data, size);
  accepts([&] {
    const std::string token = est::token_of(est::transaction_from(text));
    require(token.size() <= 64U << 10U, "a token has its limit");
    require(est::token_of(est::transaction_from(token)) == token, "a token comes back");
  });
  const std::string remembered = est::memory_text(est::memory_from(text));
  require(fuzz::planted(est::memory_text(est::memory_from(remembered))) == remembered, "what is remembered comes back");
  return 0;
}
