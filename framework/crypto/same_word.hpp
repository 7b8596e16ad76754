// Names of attributes and usages are taken in any case.
#pragma once

#include <algorithm>
#include <string_view>

namespace certctl::crypto {

// ASCII letters only, whatever the locale says.
[[nodiscard]] inline bool same_word(std::string_view left, std::string_view right) noexcept {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [&](char a, char b) { return lower(a) == lower(b); });
}

}  // namespace certctl::crypto
