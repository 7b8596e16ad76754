// Any bytes as what a server wishes (csrattrs), and what a profile grants it.
#include <cstddef>
#include <cstdint>

#include "enrollers/est/wishes.hpp"
#include "framework/crypto/csr.hpp"
#include "framework/crypto/usage.hpp"
#include "tests/fuzz/require.hpp"

using namespace certctl;
using fuzz::accepts;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const crypto::Key key = crypto::Key::generate({KeyType::ec, 0, "P-256"});
  CertificateRequest wanted;
  wanted.subject = {{"CN", "router", false}};
  wanted.alt_names = {{AltNameKind::dns, "router.example"}};
  wanted.usage = {"digitalSignature"};
  est::CsrAttributes wishes;
  if (!accepts([&] { wishes = est::parse_csr_attributes({data, size}); })) return 0;
  require(wishes.keys.size() <= 402 && wishes.extensions.size() <= 200, "wishes are bounded");
  for (const est::KeyWish& wish : wishes.keys) (void)est::text_of(wish);
  accepts([&] {
    est::Granted granted = est::grant(wishes, wanted, key);
    if (fuzz::planted_bug) granted.extensions.push_back({"2.5.29.19", true, {0x30, 0x03, 0x01, 0x01, 0xFF}});
    for (const std::string& line : granted.warnings)
      require(line.find('\n') == std::string::npos, "a warning is a line");
    const crypto::Csr csr =
        crypto::Csr::from_der(crypto::build_csr(wanted, key, Secret(), {{}, granted.digest, granted.extensions}));
    require(csr.verify(), "the request is signed");
    require(csr.alt_names().size() == 1 && csr.key_usage() == crypto::kDigitalSignature,
            "what the profile says is what is asked for");
    const auto* constraints = csr.extension("2.5.29.19");
    require(constraints == nullptr || constraints->value.size() <= 2 || constraints->value[2] != 0x01 ||
                constraints->value[4] == 0,
            "no request for a CA");
  });
  return 0;
}
