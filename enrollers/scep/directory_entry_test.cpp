#include "enrollers/scep/trust/directory_entry.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace {

using certctl::Bytes;
using Values = std::vector<Bytes>;
using certctl::trust::attribute_values;

Bytes bytes(std::string_view text) {
  return {text.begin(), text.end()};
}

}  // namespace

TEST_CASE("values of a directory's entries", "[scep]") {
  const std::string text =
      "DN: cn=CA,dc=example\n\tcn: CA\n\tcertificateRevocationList;binary:: aGVs\n\tauthorityRevocationList;binary:: "
      "eHg=\n\n"
      "DN: cn=Other\n\tCERTIFICATEREVOCATIONLIST: plain\n";
  CHECK(attribute_values(text, "certificateRevocationList") == Values{bytes("hel"), bytes("plain")});
  CHECK(attribute_values(text, "cn") == Values{bytes("CA")});
  CHECK(attribute_values(text, "c").empty());
  CHECK(attribute_values("", "cn").empty());
  // Half a line, no value, no base64, a name without the tabulator.
  CHECK(attribute_values("\tcn", "cn").empty());
  CHECK(attribute_values("\tcn:x\n\tcn:: ***\ncn: y\n\t:: eHg=\n", "cn").empty());
  CHECK(attribute_values("\tcn: \n", "cn") == Values{Bytes{}});
}
