// Any bytes as a revocation list, and as a certificate that says where its list is.
#include "framework/crypto/crl.hpp"

#include <cstddef>
#include <cstdint>

#include "framework/sys/printable.hpp"
#include "tests/fuzz/require.hpp"

using namespace certctl;
using namespace certctl::crypto;
using fuzz::accepts;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text = fuzz::text_of(data, size);
  accepts([&] {
    const Crl list = Crl::from_text(text);
    const std::string issuer = fuzz::planted(list.issuer_text());
    require(sys::printable(issuer) == issuer, "an issuer is one clean line");
    const Crl again = Crl::from_text(list.to_pem());
    require(again.der() == list.der() && again.count() == list.count() && again.this_update() == list.this_update() &&
                again.next_update() == list.next_update(),
            "a list comes back from PEM");
  });
  accepts([&] {
    for (const std::string& address : crl_addresses(Certificate::from_der({data, size}))) {
      require(address.starts_with("http://") || address.starts_with("https://") || address.starts_with("ldap://"),
              "an address has one of these schemes: " + address);
      require(sys::printable(address) == address && address.find(' ') == std::string::npos, "an address is one word");
    }
  });
  return 0;
}
