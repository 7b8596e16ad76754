// Any text as what swanctl lists.
#include <cstddef>
#include <cstdint>

#include "framework/engine/ike_listing.hpp"
#include "tests/fuzz/require.hpp"

using namespace certctl;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text = fuzz::text_of(data, size);
  const auto found = engine::ike_certificates(text);
  fuzz::require(found.size() * 10 <= text.size(), "each certificate has a subject line");
  for (const auto& one : found) {
    for (const std::string& hex : {fuzz::planted(one.serial), one.key_id})
      fuzz::require(hex.find_first_not_of("0123456789abcdef") == std::string::npos, "hex is hex");
    fuzz::require(!one.has_key || text.find("has private key") != std::string::npos,
                  "a key is there only if it is said");
  }
  // Behind another listing it is read the same.
  fuzz::require(engine::ike_certificates("List of X.509 CA Certificates\n" + text).size() <= found.size(),
                "CA certificates are not counted");
  return 0;
}
