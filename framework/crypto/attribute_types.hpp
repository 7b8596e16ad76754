// The attribute types of distinguished names that have a short name.
#pragma once

#include <cstdint>
#include <string_view>

namespace certctl::crypto {

// How a value is written (RFC 5280 appendix A).
enum class ValueString : int {
  directory,    // UTF8String
  printable,    // PrintableString
  ia5,          // IA5String
  ia5_or_utf8,  // PKCS #9: IA5String when it fits
};

struct AttributeType {
  std::string_view name;       // as OpenSSL prints it
  std::string_view long_name;  // accepted too
  std::string_view oid;
  ValueString string = ValueString::directory;
  std::size_t min = 1;  // characters
  std::size_t max = 0;  // characters; 0: no limit
};

// By short name, long name (both without regard to case) or dotted OID; null: none of ours.
[[nodiscard]] const AttributeType* find_attribute_type(std::string_view name) noexcept;

}  // namespace certctl::crypto
