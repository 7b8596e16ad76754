// Distinguished names: the profile's text, data, DER, and the text for people.
//
// Grammar (design, section 7): /type=value/type=value…; '+' instead of '/' joins to the RDN before; a backslash takes
// the next character as it is; blanks belong to the value. Types: short names as OpenSSL has them (SN is the surname),
// upper or lower case, or dotted OIDs.
#pragma once

#include "framework/crypto/ber.hpp"
#include "framework/crypto/display.hpp"

#include <certctl/types.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace certctl::crypto {

// Types are normalised to the usual short name ("cn", "2.5.4.3" → "CN"). Everything that name_der() would refuse is
// refused here, with its place: Failure::never("subject-invalid", "… at position N …"), N counted in octets from 1.
[[nodiscard]] std::vector<NameAttribute> parse_subject(std::string_view text);
// The reverse: "/DC=org/CN=a\/b". parse_subject() of it gives the same attributes.
[[nodiscard]] std::string subject_slash_text(const std::vector<NameAttribute>& attributes);

// DER of the Name: UTF8String, except where RFC 5280 wants PrintableString (C, serialNumber, dnQualifier) or IA5String
// (DC, emailAddress). Fails with "subject-invalid" (never): unknown type, too long, not representable, no UTF-8.
[[nodiscard]] Bytes name_der(const std::vector<NameAttribute>& attributes);
// The attributes of a DER Name. Values become UTF-8; a value that is no string becomes "#" and hex. Fails with
// "malformed-message".
[[nodiscard]] std::vector<NameAttribute> name_attributes(BytesView der);

// One line for people and for comparison, most specific first: "CN=router-1,DC=example,DC=org" (RFC 2253, UTF-8).
// Control characters, also those of Unicode that turn text around, are escaped as \XX.
[[nodiscard]] std::string subject_text(const std::vector<NameAttribute>& attributes);
[[nodiscard]] std::string name_text(BytesView der);

}  // namespace certctl::crypto
