// Any bytes as what an EST server answers with instead of certificates.
#include <cstddef>
#include <cstdint>

#include "enrollers/est/protocol/certificates.hpp"
#include "enrollers/est/protocol/transfer.hpp"
#include "tests/fuzz/require.hpp"

using namespace certctl;
using fuzz::accepts;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const crypto::BytesView body(data, size);
  accepts([&] {
    auto set = est::parse_certificates(body);
    require(!set.empty() && set.size() <= 200, "a list has certificates, and not too many");
    if (fuzz::planted_bug) set.push_back(set.front());
    for (std::size_t i = 0; i < set.size(); ++i)
      for (std::size_t k = 0; k < i; ++k) require(!(set[i] == set[k]), "each is there once");
    const std::string again = est::encode_transfer(est::build_certificates(set));
    const auto read = est::parse_certificates({reinterpret_cast<const std::uint8_t*>(again.data()), again.size()});
    require(read.size() == set.size(), "a list that is written can be read");
    for (const crypto::Certificate& next : est::proved_successors(set, {set.data(), 1}, std::nullopt))
      require(next.is_ca() && !(next == set.front()), "a successor is another CA");
  });
  for (const std::string& text : {est::encode_transfer(body), est::encode_in_one_line(body)}) {
    const auto decoded = est::decode_transfer({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    require(size == 0 || (decoded && *decoded == Bytes(body.begin(), body.end())), "base64 comes back");
  }
  if (const auto decoded = est::decode_transfer(body)) require(decoded->size() <= size, "nothing grows");
  return 0;
}
