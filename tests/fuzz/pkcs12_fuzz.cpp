// Any bytes as a PKCS #12 file: read or refused, in bounded time, and what was read can be written again.
#include "framework/crypto/pkcs12.hpp"

#include <cstddef>
#include <cstdint>

#include "tests/fuzz/require.hpp"

using namespace certctl;
using namespace certctl::crypto;
using fuzz::accepts;
using fuzz::require;

namespace {

void check(BytesView bytes, const Secret& password) {
  const Pkcs12 content = read_pkcs12(bytes, password);
  if (!content.key || content.certificates.empty() || !content.certificates.front().carries(*content.key)) return;
  const std::vector<Certificate> chain(content.certificates.begin() + 1, content.certificates.end());
  const Secret again =
      write_pkcs12(*content.key, content.certificates.front(), chain, password, "", Pkcs12Encryption::modern);
  const std::string& der = again.reveal();
  Pkcs12 back = read_pkcs12({reinterpret_cast<const std::uint8_t*>(der.data()), der.size()}, password);
  if (fuzz::planted_bug) back.certificates.pop_back();
  require(back.key && back.key->same_public_key(*content.key), "the key comes back");
  require(back.certificates == content.certificates, "the certificates come back");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const char* password : {"", "secret"}) accepts([&] { check({data, size}, Secret(password)); });
  return 0;
}
