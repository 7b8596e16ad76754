// Parts of the text of alternative names that its parser and its encoder share.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace certctl::crypto {

struct OtherName {
  std::string oid;
  std::uint8_t tag = 0;  // of the string
  std::string text;
};
// "OID;TAG:text". Fails with "san-invalid".
[[nodiscard]] OtherName split_other_name(std::string_view value);
// "UTF8", "IA5", "PRINTABLE"; empty for other tags.
[[nodiscard]] std::string_view other_name_tag(std::uint8_t tag) noexcept;

}  // namespace certctl::crypto
