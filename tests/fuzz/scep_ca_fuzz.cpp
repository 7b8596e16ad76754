// Any bytes as the body of GetCACert, GetNextCACert and GetCACaps, and as the query of a request.
#include <cstddef>
#include <cstdint>

#include "enrollers/scep/protocol/algorithms.hpp"
#include "enrollers/scep/protocol/ca_certificates.hpp"
#include "enrollers/scep/protocol/capabilities.hpp"
#include "enrollers/scep/protocol/display_text.hpp"
#include "enrollers/scep/protocol/query.hpp"
#include "framework/sys/printable.hpp"
#include "tests/fuzz/require.hpp"

using namespace certctl;
using fuzz::accepts;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const crypto::BytesView body(data, size);
  const std::string text = fuzz::text_of(data, size);
  accepts([&] {
    const auto set = scep::parse_ca_certificates(body);
    require(!set.empty(), "a CA set has certificates");
    require(scep::choose_recipient(set, std::nullopt).has_value(), "one of them takes requests");
    (void)scep::find_issuing_ca(set, std::nullopt);
    accepts([&] { (void)scep::parse_next_ca_certificates(body, set); });
    const scep::CaBody again = scep::print_ca_certificates(set);
    require(scep::parse_ca_certificates(again.body).size() == set.size(), "a set that is written can be read");
  });
  const scep::Capabilities capabilities = scep::parse_capabilities(text);
  require(capabilities.words.size() <= 128, "capabilities are bounded");
  for (const auto& given : capabilities.words) {
    const std::string word = fuzz::planted(given);
    require(sys::printable(word) == word, "a capability is clean");
  }
  accepts([&] { (void)scep::choose_algorithms(capabilities, scep::Legacy::receive); });
  const std::string line = scep::display_line(text);
  require(sys::printable(line) == line && line.size() <= 210, "a line for people is clean and short");
  const scep::Query query = scep::parse_query(text);
  if (query.message) (void)scep::decode_message(*query.message);
  (void)scep::decode_message(text);
  const auto decoded = scep::decode_message(scep::encode_base64(body));
  require(size == 0 || (decoded && *decoded == Bytes(body.begin(), body.end())), "base64 comes back");
  return 0;
}
