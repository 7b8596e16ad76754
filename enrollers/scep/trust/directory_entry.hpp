// What a directory answers to the search of an ldap URL, as net::look_up_directory has it.
#pragma once

#include <certctl/types.hpp>

#include <string_view>
#include <vector>

namespace certctl::trust {

// The values of that attribute in all entries, decoded; with or without the option ";binary", in any case. A line that
// is none of this form counts for nothing.
[[nodiscard]] std::vector<Bytes> attribute_values(std::string_view text, std::string_view attribute);

}  // namespace certctl::trust
