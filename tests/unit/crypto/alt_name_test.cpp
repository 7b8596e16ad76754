#include "framework/crypto/alt_name.hpp"
#include "tests/unit/crypto/openssl_program.hpp"
#include "tests/unit/crypto/scene.hpp"

#include <catch2/catch.hpp>

using namespace certctl;
using namespace certctl::crypto;
using namespace crypto_test;

namespace {

std::string request_pem(const std::vector<AltName>& names) {
  CertificateRequest wanted;
  wanted.subject = {{"CN", "x", false}};
  wanted.alt_names = names;
  return Csr::from_der(build_csr(wanted, ec_key(), {})).to_pem();
}

std::string problem(const std::string& text) {
  CHECK(code_of([&] { (void)parse_alt_names(text); }) == "san-invalid");
  return message_of([&] { (void)parse_alt_names(text); });
}

}  // namespace

TEST_CASE("all seven kinds of alternative names are what openssl reads") {
  const auto names = parse_alt_names(
      "email:my@other.address, URI:http://my.example/a?b=c,DNS:one.domain.com RID:1.2.3.4  IP:192.0.2.1, "
      "IP:2001:DB8::01 "
      "dirName:/C=DE/O=My Org/CN=a\\/b,otherName:1.3.6.1.4.1.311.20.2.3;UTF8:some\\, user");
  REQUIRE(names.size() == 8);
  CHECK(names[4].value == "192.0.2.1");
  CHECK(names[5].value == "2001:db8::1");
  CHECK(names[6].value == "/C=DE/O=My Org/CN=a\\/b");
  CHECK(names[7].value == "1.3.6.1.4.1.311.20.2.3;UTF8:some, user");

  const std::string pem = request_pem(names);
  const std::string shown = openssl({"req", "-noout", "-text", "-nameopt", "RFC2253"}, pem);
  CHECK(has(shown,
            "email:my@other.address, URI:http://my.example/a?b=c, DNS:one.domain.com, Registered ID:1.2.3.4, "
            "IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:1, DirName:/C=DE/O=My Org/CN=a\\/b, "
            "othername: UPN::some, user"));
  const Bytes der = alt_names_der(names);
  const std::string parsed = openssl({"asn1parse", "-inform", "DER"}, text(der));
  for (const char* part : {"cont [ 1 ]", "cont [ 6 ]", "cont [ 2 ]", "cont [ 8 ]", "cont [ 7 ]", "cont [ 4 ]",
                           "cont [ 0 ]", "UTF8STRING        :some, user"})
    CHECK(has(parsed, part));
  const auto back = alt_names_from_der(der);
  REQUIRE(back.size() == names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    CHECK(back[i].kind == names[i].kind);
    CHECK(back[i].value == names[i].value);
    CHECK(alt_name_identity(back[i]) == alt_name_identity(names[i]));
  }
}

TEST_CASE("alternative names equal those that openssl builds from its own syntax") {
  const TempDirectory directory;
  const std::string key = directory.write("key", ec_key().to_pem_pkcs8().reveal());
  const std::string config = directory.write(
      "config",
      "[req]\ndistinguished_name=dn\nreq_extensions=ext\nprompt=no\n[dn]\nCN=x\n[ext]\nsubjectAltName=email:a@b."
      "example,"
      "URI:urn:x:y,DNS:*.b.example,RID:1.2.3.4,IP:192.0.2.9,IP:2001:db8::9,dirName:d,otherName:1.2.3.4;UTF8:t,"
      "otherName:1.2.3.5;IA5STRING:u,otherName:1.2.3.6;PRINTABLE:v\n[d]\nC=DE\nCN=z\n");
  const Csr theirs = Csr::from_pem(openssl({"req", "-new", "-key", key, "-config", config}));
  const auto names = parse_alt_names(std::vector<std::string>{
      "email:a@b.example", "URI:urn:x:y DNS:*.b.example", "RID:1.2.3.4,IP:192.0.2.9", "ip:2001:db8::9",
      "dirname:/C=DE/CN=z", "othername:1.2.3.4;UTF8:t, otherName:1.2.3.5;IA5:u otherName:1.2.3.6;PRINTABLE:v"});
  REQUIRE(theirs.extension("2.5.29.17") != nullptr);
  CHECK(theirs.extension("2.5.29.17")->value == alt_names_der(names));
}

TEST_CASE("a separator is one only before a prefix, and an escape hides it") {
  const auto one = parse_alt_names("dirName:/O=Foo, Inc. DNS/CN=x");
  REQUIRE(one.size() == 1);
  CHECK(one[0].value == "/O=Foo, Inc. DNS/CN=x");
  const auto hidden = parse_alt_names("dirName:/O=a\\ DNS:b/CN=x , DNS:c.example ");
  REQUIRE(hidden.size() == 2);
  CHECK(hidden[0].value == "/O=a DNS:b/CN=x");
  CHECK(hidden[1].value == "c.example");
  CHECK(parse_alt_names("  DNS:a\tDNS:b\nDNS:c").size() == 3);
  CHECK(parse_alt_names("URI:http://x/?a=1,2&b=URI:y").size() == 1);
}

TEST_CASE("names that cannot be are refused with their place") {
  CHECK(has(problem("DNS:ok.example, FOO:bar"),
            "'ok.example, FOO:bar' is no host name (alternative name at position 1)") == false);
  CHECK(has(problem("DNS:ok.example, IP:1.2.3"), "position 17"));
  CHECK(has(problem("hello"), "position 1"));
  CHECK(has(problem(""), "empty"));
  CHECK(has(problem("DNS:"), "empty label"));
  CHECK(has(problem("DNS:a..b"), "empty label"));
  CHECK(has(problem("DNS:a.example."), "empty label"));
  CHECK(has(problem("DNS:a,,DNS:b"), "no host name"));
  CHECK(has(problem("DNS:b\xC3\xBC"
                    "cher.example"),
            "xn--"));
  CHECK(has(problem("DNS:a.*.example"), "no host name"));
  CHECK(has(problem("DNS:*"), "no host name"));
  CHECK(has(problem("DNS:-a"), "no host name"));
  CHECK(has(problem("DNS:" + std::string(64, 'a')), "63"));
  CHECK(has(problem("IP:2001:db8::g"), "no IP address"));
  CHECK(has(problem("IP:192.0.2.256"), "no IP address"));
  CHECK(has(problem("IP:192.0.2.0/24"), "no IP address"));
  CHECK(has(problem("email:nobody"), "no mail address"));
  CHECK(has(problem("email:a b@c.example"), "no mail address"));
  CHECK(has(problem("URI:relative/path"), "no absolute URI"));
  CHECK(has(problem("URI:http:"), "no absolute URI"));
  CHECK(has(problem("RID:1.2.x"), "no object identifier"));
  CHECK(has(problem("RID:1.40.1"), "no object identifier"));
  CHECK(has(problem("RID:01.2"), "no object identifier"));
  CHECK(has(problem("dirName:CN=x"), "must begin with '/'"));
  CHECK(has(problem("dirName:/XX=x"), "unknown type"));
  CHECK(has(problem("otherName:1.2.3;FOO:x"), "none of UTF8"));
  CHECK(has(problem("otherName:1.2.3:x"), "OID;TAG:text"));
  CHECK(has(problem("otherName:1.2.3;PRINTABLE:a_b"), "does not fit"));
  CHECK(has(problem("DNS:a\\"), "backslash"));
  CHECK(has(problem(std::string("IP:1.2.3.4\0", 11)), "no IP address"));
  CHECK(code_of([] { (void)alt_names_der({{AltNameKind::dns, "a b"}}); }) == "san-invalid");
  CHECK(code_of([] { (void)alt_names_der({{AltNameKind::ip, "x"}}); }) == "san-invalid");
}

TEST_CASE("identity has no case where names have none") {
  const auto same = [](const AltName& left, const AltName& right) {
    return alt_name_identity(left) == alt_name_identity(right);
  };
  CHECK(same({AltNameKind::dns, "A.Example"}, {AltNameKind::dns, "a.example"}));
  CHECK(same({AltNameKind::email, "Me@Host.Example"}, {AltNameKind::email, "Me@host.example"}));
  CHECK_FALSE(same({AltNameKind::email, "Me@host.example"}, {AltNameKind::email, "me@host.example"}));
  CHECK(same({AltNameKind::uri, "HTTP://Host/Path"}, {AltNameKind::uri, "http://host/Path"}));
  CHECK_FALSE(same({AltNameKind::uri, "http://host/Path"}, {AltNameKind::uri, "http://host/path"}));
  CHECK(same({AltNameKind::ip, "2001:DB8:0:0::1"}, {AltNameKind::ip, "2001:db8::1"}));
  CHECK_FALSE(same({AltNameKind::dns, "192.0.2.1"}, {AltNameKind::ip, "192.0.2.1"}));
  CHECK(same({AltNameKind::dir_name, "/cn=x"}, {AltNameKind::dir_name, "/CN=x"}));
  // A NUL inside a name is part of it.
  CHECK_FALSE(same({AltNameKind::dns, std::string("a.example\0.evil.example", 23)}, {AltNameKind::dns, "a.example"}));
}

TEST_CASE("foreign alternative names are read, whatever is in them, and shown without acting") {
  // a NUL b.c ESC [ line feed
  const auto nul =
      alt_names_from_der(hex("300a8208610062"
                             "2e631b5b0a"));
  REQUIRE(nul.size() == 1);
  CHECK(alt_name_text(nul[0]) == "DNS:a\\00b.c\\1B[\\0A");
  CHECK(nul[0].value.size() == 8);
  CHECK(alt_name_text(alt_names_from_der(hex("30058703010203")).at(0)) == "IP:#010203");
  // otherName with a SEQUENCE as value (Kerberos principal), x400Address, ediPartyName
  CHECK(alt_names_from_der(hex("300ea00c06032a0304a00530030c0161")).at(0).value == "1.2.3.4;DER:30030c0161");
  CHECK(alt_names_from_der(hex("3004a300a500")).empty());
  CHECK(alt_names_from_der(hex("3000")).empty());
}

TEST_CASE("alternative names that are cut off are refused at every place") {
  const Bytes der = alt_names_der(
      parse_alt_names("DNS:a.example RID:1.2.3 IP:1.2.3.4 dirName:/CN=x otherName:1.2.3.4;UTF8:x email:a@b URI:urn:x"));
  for (std::size_t size = 0; size < der.size(); ++size)
    CHECK(code_of([&] { (void)alt_names_from_der(BytesView(der).first(size)); }) == "malformed-message");
  Bytes longer = der;
  longer.push_back(0x05);
  CHECK(code_of([&] { (void)alt_names_from_der(longer); }) == "malformed-message");
}
