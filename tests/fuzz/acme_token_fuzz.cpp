// Any text as the token of an open ACME order, and as what is remembered of an issuer.
#include <cstddef>
#include <cstdint>

#include "enrollers/acme/protocol/base64url.hpp"
#include "enrollers/acme/transaction.hpp"
#include "tests/fuzz/require.hpp"

using namespace certctl;
using fuzz::accepts;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text = fuzz::text_of(data, size);
  accepts([&] {
    const acme::Transaction transaction = acme::transaction_from(text);
    for (const acme::Presented& one : transaction.presented)
      require(acme::is_base64url(one.token), "a token can be a file's name");
    const std::string token = acme::token_of(transaction);
    require(token.size() <= 64U << 10U, "a token has its limit");
    require(acme::token_of(acme::transaction_from(token)) == token, "a token comes back");
  });
  const std::string remembered = acme::memory_text(acme::memory_from(text));
  require(remembered.size() <= 1024, "a memory has its limit");
  require(fuzz::planted(acme::memory_text(acme::memory_from(remembered))) == remembered,
          "what is remembered comes back");
  return 0;
}
