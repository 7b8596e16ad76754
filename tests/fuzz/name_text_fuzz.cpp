// Any text as a profile's subject and alternative names: refused with its place, or the same after a way through DER.
#include <cstddef>
#include <cstdint>

#include "framework/crypto/alt_name.hpp"
#include "framework/crypto/name.hpp"
#include "framework/sys/printable.hpp"
#include "tests/fuzz/require.hpp"

using namespace certctl;
using namespace certctl::crypto;
using fuzz::accepts;
using fuzz::require;

namespace {

bool same(const std::vector<NameAttribute>& left, const std::vector<NameAttribute>& right) {
  if (left.size() != right.size()) return false;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (left[i].type != right[i].type || left[i].value != right[i].value || left[i].same_rdn != right[i].same_rdn)
      return false;
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text = fuzz::text_of(data, size);
  accepts([&] {
    const auto subject = parse_subject(text);
    require(same(parse_subject(subject_slash_text(subject)), subject), "a subject comes back from its text");
    const auto back = name_attributes(name_der(subject));
    require(back.size() == subject.size(), "a subject comes back from DER");
    const std::string shown = fuzz::planted(subject_text(subject));
    require(sys::printable(shown) == shown, "a subject is one clean line");
  });
  accepts([&] {
    const auto names = parse_alt_names(text);
    const auto back = alt_names_from_der(alt_names_der(names));
    require(back.size() == names.size(), "all names come back");
    for (std::size_t i = 0; i < names.size(); ++i) {
      require(alt_name_identity(back[i]) == alt_name_identity(names[i]), "a name comes back as it was");
      require(sys::printable(alt_name_text(names[i])) == alt_name_text(names[i]), "a name is one clean line");
    }
  });
  return 0;
}
