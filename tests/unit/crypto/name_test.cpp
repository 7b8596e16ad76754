#include "framework/crypto/name.hpp"
#include "tests/unit/crypto/openssl_program.hpp"
#include "tests/unit/crypto/scene.hpp"

#include <catch2/catch.hpp>

using namespace certctl;
using namespace certctl::crypto;
using namespace crypto_test;

namespace {

// What `openssl req` makes of the same subject, as DER of the Name.
Bytes openssl_name(const std::string& subject) {
  const TempDirectory directory;
  const std::string key = directory.write("key", ec_key().to_pem_pkcs8().reveal());
  const std::string config = directory.write("config", "[req]\ndistinguished_name=dn\n[dn]\n");
  const std::string request = openssl({"req", "-new", "-utf8", "-config", config, "-key", key, "-subj", subject});
  return Csr::from_pem(request).subject_der();
}

std::size_t position(const std::string& subject) {
  const std::string message = message_of([&] { (void)parse_subject(subject); });
  const std::string mark = " at position ";
  const std::size_t at = message.rfind(mark);
  return at == std::string::npos ? 0 : static_cast<std::size_t>(std::stoul(message.substr(at + mark.size())));
}

}  // namespace

TEST_CASE("a subject's DER equals the one of openssl req") {
  for (const char* subject :
       {"/C=DE/O=Example/CN=router-1", "/DC=org/DC=OpenXPKI/DC=Test Deployment/CN=a b  c", "/O=A\\/B/CN=x\\+y\\=z",
        "/CN=one+OU=two/O=three",
        "/CN=Gr\xC3\xB6\xC3\x9F"
        "e",
        "/emailAddress=a@b.example/CN=x", "/SN=Miller/GN=Ann/serialNumber=12-34/CN=x", "/ST=W/L=W/OU=a/OU=b/CN=x",
        "/UID=u1/CN= blank ", "/dnQualifier=q/initials=AB/pseudonym=p/title=Dr/CN=x"}) {
    INFO(subject);
    CHECK(name_der(parse_subject(subject)) == openssl_name(subject));
  }
}

TEST_CASE("a dotted type that nobody knows is written all the same") {
  const Csr csr = request("/1.3.6.1.4.1.99999.1=private/CN=x", ec_key());
  const std::string parsed = openssl({"asn1parse"}, csr.to_pem());
  CHECK(parsed.find("1.3.6.1.4.1.99999.1") != std::string::npos);
  CHECK(parsed.find("UTF8STRING        :private") != std::string::npos);
  CHECK(csr.subject().at(0).type == "1.3.6.1.4.1.99999.1");
}

TEST_CASE("types are normalised, values are kept") {
  const auto attributes = parse_subject("/cn=A/2.5.4.10=B+organizationalUnitName= C /SN=D/sn=E");
  REQUIRE(attributes.size() == 5);
  CHECK(attributes[0].type == "CN");
  CHECK(attributes[1].type == "O");
  CHECK(attributes[2].type == "OU");
  CHECK(attributes[2].value == " C ");
  CHECK(attributes[2].same_rdn);
  CHECK_FALSE(attributes[3].same_rdn);
  CHECK(attributes[3].type == "SN");
  CHECK(attributes[4].type == "SN");
  CHECK(subject_slash_text(attributes) == "/CN=A/O=B+OU= C /SN=D/SN=E");
  CHECK(subject_slash_text(parse_subject("/CN=a\\/b\\+c\\\\d\\=e\\x")) == "/CN=a\\/b\\+c\\\\d=ex");
}

TEST_CASE("unstructuredName is an IA5String when it fits, else UTF-8") {
  const auto tag = [](const std::string& subject) { return name_der(parse_subject(subject)).at(17); };
  CHECK(tag("/unstructuredName=router.example") == 0x16);
  CHECK(tag("/unstructuredName=r\xC3\xB6uter") == 0x0C);
}

TEST_CASE("a subject that cannot be is refused with the place") {
  CHECK(position("") == 1);
  CHECK(position("CN=x") == 1);
  CHECK(position("/CN") == 2);
  CHECK(position("/CN=a/") == 7);
  CHECK(position("/CN=a//O=b") == 7);
  CHECK(position("/CN=a/Foo=b") == 7);
  CHECK(position("/O=a/CN=") == 9);
  CHECK(position("/O=a/C=DEU") == 8);
  CHECK(position("/CN=abc\\") == 8);
  CHECK(position("+CN=a") == 1);
  CHECK(position("/CN=a+b") == 7);
  CHECK(position("/CN=a\nb") == 5);
  CHECK(position("/CN=a\xFF") == 5);
  CHECK(position("/DC=\xC3\xB6") == 5);
  CHECK(position("/serialNumber=a_b") == 15);
  CHECK(position("/CN=" + std::string(65, 'x')) == 5);
  CHECK(position("/1.2.=x") == 2);
  CHECK(position("/3.1=x") == 2);
  CHECK(parse_subject("/CN=" + std::string(64, 'x')).size() == 1);
  CHECK(code_of([] { (void)parse_subject("/CN"); }) == "subject-invalid");
  CHECK(code_of([] { (void)name_der({{"CN", "", false}}); }) == "subject-invalid");
  CHECK(code_of([] { (void)name_der({{"NOPE", "x", false}}); }) == "subject-invalid");
}

TEST_CASE("the text for people is RFC 2253, as openssl prints it") {
  for (const char* subject : {"/C=DE/O=Example, Inc/CN=a\\\\b\"c<d>e;f", "/CN=#x", "/CN= x ",
                              "/DC=org/DC=b/CN=\xC3\xB6", "/O=x\\+y/CN=1", "/CN=a\\=b"}) {
    INFO(subject);
    const Csr csr = request(subject, ec_key());
    const std::string line = openssl({"req", "-noout", "-subject", "-nameopt", "RFC2253,-esc_msb,utf8"}, csr.to_pem());
    CHECK("subject=" + csr.subject_text() + "\n" == line);
    CHECK(subject_text(parse_subject(subject)) == csr.subject_text());
  }
  // The order inside a multi-valued RDN is the profile's, the file's is DER's: the text is one.
  const auto ab = parse_subject("/OU=b+CN=a/O=c");
  CHECK(subject_text(ab) == name_text(name_der(ab)));
  CHECK(subject_text(ab) == subject_text(parse_subject("/CN=a+OU=b/O=c")));
}

TEST_CASE("names of foreign origin cannot act on a terminal or a log") {
  const std::string value(
      "\n\x1b[31m\xC2\x9B~\xE2\x80\xAE"
      "a\0\x7Fx\\,b",
      19);
  const std::string line = display_text(value);
  CHECK(line == "\\0A\\1B[31m\\C2\\9B~\\E2\\80\\AEa\\00\\7Fx\\,b");
  CHECK(display_text("\xFF\xC3") == "\\FF\\C3");
  CHECK(display_text("Gr\xC3\xB6\xC3\x9F"
                     "e") ==
        "Gr\xC3\xB6\xC3\x9F"
        "e");
}

TEST_CASE("every string type of a name becomes UTF-8") {
  const auto value = [](const std::string& string_der) {
    const Bytes string = hex(string_der);
    Bytes content = hex("0603550403");
    content.insert(content.end(), string.begin(), string.end());
    const auto wrapped = [](std::uint8_t tag, const Bytes& inner) {
      Bytes out{tag, static_cast<std::uint8_t>(inner.size())};
      out.insert(out.end(), inner.begin(), inner.end());
      return out;
    };
    return name_attributes(wrapped(0x30, wrapped(0x31, wrapped(0x30, content)))).at(0).value;
  };
  CHECK(value("1302"
              "6162") == "ab");
  CHECK(value("1402"
              "f662") ==
        "\xC3\xB6"
        "b");  // T61String, read as Latin-1
  CHECK(value("1e04"
              "00f60062") ==
        "\xC3\xB6"
        "b");  // BMPString
  CHECK(value("1e04"
              "d83dde00") == "\xF0\x9F\x98\x80");  // a surrogate pair, as Windows writes it
  CHECK(value("1c04"
              "0001f600") == "\xF0\x9F\x98\x80");  // UniversalString
  CHECK(value("0c02"
              "c3b6") == "\xC3\xB6");
  CHECK(value("0c02"
              "c328") == "#0c02c328");  // no UTF-8
  CHECK(value("1e03"
              "00f600") == "#1e0300f600");  // half a character
  CHECK(value("1602"
              "61f6") == "#160261f6");
  CHECK(value("0201"
              "05") == "#020105");  // no string
}

TEST_CASE("a name that is damaged is refused at every place") {
  const Bytes der = name_der(parse_subject("/DC=org/CN=a+OU=b"));
  for (std::size_t size = 0; size < der.size(); ++size) {
    CHECK(code_of([&] { (void)name_attributes(BytesView(der).first(size)); }) == "malformed-message");
  }
  Bytes longer = der;
  longer.push_back(0);
  CHECK(code_of([&] { (void)name_attributes(longer); }) == "malformed-message");
  CHECK(name_attributes(name_der({})).empty());
}
