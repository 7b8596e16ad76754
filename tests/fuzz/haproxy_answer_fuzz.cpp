// Any text as HAProxy's answer: it is read or refused, and what is read of it can be shown and compared.
#include <cstddef>
#include <cstdint>

#include "distributors/haproxy/answers.hpp"
#include "distributors/haproxy/port_owner.hpp"
#include "tests/fuzz/require.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace certctl;
  using namespace certctl::haproxy;
  const std::string answer = fuzz::text_of(data, size);
  fuzz::accepts([&] {
    const auto loaded = loaded_certificate_from(answer);
    if (!loaded) return;
    fuzz::require(loaded->sha1.empty() || loaded->sha1.size() == 40, "a fingerprint is whole");
    fuzz::require(loaded->sha1.find_first_not_of("0123456789abcdef") == std::string::npos, "a fingerprint is hex");
    fuzz::require(loaded->serial.size() <= 128, "a serial can be shown");
  });
  fuzz::accepts([&] {
    const std::string open = open_transaction_in(answer);
    fuzz::require(open.find('\n') == std::string::npos, "a name is one line");
  });
  fuzz::require(transaction_of(answer).find('\n') == std::string::npos, "a name is one line");
  const std::string words = fuzz::planted(words_of(answer));
  fuzz::require(!words.empty() && words.size() < 2000 && words.find('\n') == std::string::npos, "words can be shown");
  (void)master_state_from(answer);
  (void)port_owners_in(answer, 9999);
  return 0;
}
