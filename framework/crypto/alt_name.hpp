// Subject alternative names: the profile's text, data, GENERAL_NAMES, and the text for people.
//
// Text (design, section 7): PREFIX:value, with the prefixes email URI DNS RID IP dirName otherName. Several in one
// string are split at a comma and/or blanks that are followed by a prefix; a backslash takes the next character as it
// is. dirName takes the grammar of name.hpp, otherName takes OID;TAG:text with TAG UTF8, IA5 or PRINTABLE.
// Extensions are built by structure: no text ever reaches OpenSSL's configuration parser.
#pragma once

#include "framework/crypto/ber.hpp"

#include <certctl/types.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace certctl::crypto {

// One string with one or more names. Values are validated and normalised (IP addresses). Fails with
// Failure::never("san-invalid", … "at position N" …).
[[nodiscard]] std::vector<AltName> parse_alt_names(std::string_view text);
// A list of such strings, as YAML has them.
[[nodiscard]] std::vector<AltName> parse_alt_names(const std::vector<std::string>& texts);
// Checks one value, as the parser does. Fails with "san-invalid".
void validate_alt_name(const AltName& name);

// "DNS:router.example", with control characters escaped.
[[nodiscard]] std::string alt_name_text(const AltName& name);
// Equal for names that mean the same: host names and mail domains without regard to case, addresses in one form,
// directory names by their attributes.
[[nodiscard]] std::string alt_name_identity(const AltName& name);

// DER of the GeneralNames (the value of extension 2.5.29.17). Fails with "san-invalid".
[[nodiscard]] Bytes alt_names_der(const std::vector<AltName>& names);
// From DER. Kinds that AltName cannot hold (x400Address, ediPartyName) are left out; an otherName that is no string
// gets the value "OID;DER:hex", which cannot be asked for. Fails with "malformed-message".
[[nodiscard]] std::vector<AltName> alt_names_from_der(BytesView der);

}  // namespace certctl::crypto
