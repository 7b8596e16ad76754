// Any bytes as what a directory answers: the values of two attributes together are those of each, in any case of the
// name.
#include <cstddef>
#include <cstdint>
#include <string>

#include "enrollers/scep/trust/directory_entry.hpp"
#include "tests/fuzz/require.hpp"

using namespace certctl;

namespace {

std::size_t bytes_of(const std::vector<Bytes>& values) {
  std::size_t sum = 0;
  for (const Bytes& value : values) sum += value.size();
  return sum;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text = fuzz::text_of(data, size);
  auto lists = trust::attribute_values(text, "certificateRevocationList");
  if (fuzz::planted_bug) lists.emplace_back(1, 0);
  fuzz::require(bytes_of(lists) <= text.size(), "no more comes out than went in");
  fuzz::require(lists == trust::attribute_values(text, "CERTIFICATErevocationLIST"), "names are the same in any case");
  const std::string twice = text + "\n" + text;
  fuzz::require(trust::attribute_values(twice, "certificateRevocationList").size() == 2 * lists.size(),
                "each entry gives its own");
  return 0;
}
