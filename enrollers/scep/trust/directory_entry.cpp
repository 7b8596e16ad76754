#include "enrollers/scep/trust/directory_entry.hpp"

#include "framework/crypto/digest.hpp"

#include <algorithm>

namespace certctl::trust {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_word(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

}  // namespace

std::vector<Bytes> attribute_values(std::string_view text, std::string_view attribute) {
  std::vector<Bytes> values;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t colon = line.find(':');
    if (!line.starts_with('\t') || colon == std::string_view::npos) continue;
    std::string_view name = line.substr(1, colon - 1);
    name = name.substr(0, std::min(name.find(';'), name.size()));
    if (!same_word(name, attribute)) continue;
    line.remove_prefix(colon + 1);
    if (line.starts_with(": ")) {
      if (auto value = crypto::base64_decode(line.substr(2))) values.push_back(std::move(*value));
    } else if (line.starts_with(' ')) {
      values.emplace_back(line.begin() + 1, line.end());
    }
  }
  return values;
}

}  // namespace certctl::trust
