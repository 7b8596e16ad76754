// Any text as swanctl's raw listing: only certificates that stand in it whole are found.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "framework/crypto/digest.hpp"
#include "framework/probe/ike_listing.hpp"
#include "tests/fuzz/require.hpp"

using namespace certctl;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string text = fuzz::text_of(data, size);
  const auto found = probe::loaded_certificates(text);
  const bool says_key = text.find("has_privkey=yes") != std::string::npos;
  const bool says_authority = text.find("flag=CA") != std::string::npos;
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c; });
  for (const auto& one : found) {
    const std::string hex = fuzz::planted(crypto::hex_lower(one.certificate.der()));
    fuzz::require(text.find(hex) != std::string::npos, "a certificate stands in the listing");
    fuzz::require(!one.has_key || says_key, "a key is there only if it is said");
    fuzz::require(!one.authority || says_authority, "a CA is one only if it is said");
  }
  return 0;
}
