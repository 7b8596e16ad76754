// Serial numbers on the command line.
#pragma once

#include <certctl/types.hpp>

#include <string_view>

namespace certctl::sscep {

// Content octets of the INTEGER. Decimal; hexadecimal when there are colons, a letter A to F, or 0x in front; with or
// without a sign. Throws Stop (signer, as the reference tool) on anything else: it read `1A2B` as 1.
Bytes parse_serial(std::string_view text);

}  // namespace certctl::sscep
