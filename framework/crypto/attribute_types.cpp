#include "framework/crypto/attribute_types.hpp"

#include "framework/crypto/same_word.hpp"

#include <array>

namespace certctl::crypto {
namespace {

// Upper bounds: RFC 5280 appendix A.1.
constexpr std::array kTypes{
    AttributeType{"CN", "commonName", "2.5.4.3", ValueString::directory, 1, 64},
    AttributeType{"SN", "surname", "2.5.4.4", ValueString::directory, 1, 32768},
    AttributeType{"serialNumber", "serialNumber", "2.5.4.5", ValueString::printable, 1, 64},
    AttributeType{"C", "countryName", "2.5.4.6", ValueString::printable, 2, 2},
    AttributeType{"L", "localityName", "2.5.4.7", ValueString::directory, 1, 128},
    AttributeType{"ST", "stateOrProvinceName", "2.5.4.8", ValueString::directory, 1, 128},
    AttributeType{"street", "streetAddress", "2.5.4.9", ValueString::directory, 1, 0},
    AttributeType{"O", "organizationName", "2.5.4.10", ValueString::directory, 1, 64},
    AttributeType{"OU", "organizationalUnitName", "2.5.4.11", ValueString::directory, 1, 64},
    AttributeType{"title", "title", "2.5.4.12", ValueString::directory, 1, 0},
    AttributeType{"description", "description", "2.5.4.13", ValueString::directory, 1, 0},
    AttributeType{"businessCategory", "businessCategory", "2.5.4.15", ValueString::directory, 1, 0},
    AttributeType{"postalCode", "postalCode", "2.5.4.17", ValueString::directory, 1, 0},
    AttributeType{"telephoneNumber", "telephoneNumber", "2.5.4.20", ValueString::printable, 1, 0},
    AttributeType{"name", "name", "2.5.4.41", ValueString::directory, 1, 32768},
    AttributeType{"GN", "givenName", "2.5.4.42", ValueString::directory, 1, 32768},
    AttributeType{"initials", "initials", "2.5.4.43", ValueString::directory, 1, 32768},
    AttributeType{"generationQualifier", "generationQualifier", "2.5.4.44", ValueString::directory, 1, 32768},
    AttributeType{"dnQualifier", "dnQualifier", "2.5.4.46", ValueString::printable, 1, 0},
    AttributeType{"pseudonym", "pseudonym", "2.5.4.65", ValueString::directory, 1, 128},
    AttributeType{"role", "role", "2.5.4.72", ValueString::directory, 1, 0},
    AttributeType{"organizationIdentifier", "organizationIdentifier", "2.5.4.97", ValueString::directory, 1, 0},
    AttributeType{"UID", "userId", "0.9.2342.19200300.100.1.1", ValueString::directory, 1, 0},
    AttributeType{"mail", "rfc822Mailbox", "0.9.2342.19200300.100.1.3", ValueString::ia5, 1, 0},
    AttributeType{"DC", "domainComponent", "0.9.2342.19200300.100.1.25", ValueString::ia5, 1, 0},
    AttributeType{"emailAddress", "emailAddress", "1.2.840.113549.1.9.1", ValueString::ia5, 1, 255},
    AttributeType{"unstructuredName", "unstructuredName", "1.2.840.113549.1.9.2", ValueString::ia5_or_utf8, 1, 0},
    AttributeType{"unstructuredAddress", "unstructuredAddress", "1.2.840.113549.1.9.8", ValueString::directory, 1, 0},
    AttributeType{"jurisdictionL", "jurisdictionLocalityName", "1.3.6.1.4.1.311.60.2.1.1", ValueString::directory, 1,
                  0},
    AttributeType{"jurisdictionST", "jurisdictionStateOrProvinceName", "1.3.6.1.4.1.311.60.2.1.2",
                  ValueString::directory, 1, 0},
    AttributeType{"jurisdictionC", "jurisdictionCountryName", "1.3.6.1.4.1.311.60.2.1.3", ValueString::printable, 2, 2},
};

}  // namespace

const AttributeType* find_attribute_type(std::string_view name) noexcept {
  for (const AttributeType& type : kTypes) {
    if (same_word(type.name, name) || same_word(type.long_name, name) || type.oid == name) return &type;
  }
  return nullptr;
}

}  // namespace certctl::crypto
