// The listing of strongSwan 5.9.8, as `swanctl --list-certs --type x509 --raw` writes it.
#include "framework/probe/ike_listing.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "framework/crypto/digest.hpp"

using namespace certctl;
using probe::loaded_certificates;

namespace {

crypto::Certificate certificate(const std::string& name) {
  std::ifstream stream(CERTCTL_TEST_DATA "/store/" + name, std::ios::binary);
  const std::string pem{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  return crypto::Certificate::from_pem(pem);
}

std::string hex(const crypto::Certificate& of) {
  return "0x" + crypto::hex_lower(of.der());
}

}  // namespace

TEST_CASE("a listing of charon") {
  const auto one = certificate("one.crt");
  const auto two = certificate("two.crt");
  const auto root = certificate("ca-root.pem");
  const std::string listing =
      "plugin 'tpm': failed to load - tpm_plugin_create returned NULL\n"
      "list-cert event {type=X509 flag=NONE has_privkey=yes data=" +
      hex(one) +
      "}\n"
      "list-cert event {type=X509 flag=NONE data=" +
      hex(two) +
      "}\n"
      "list-cert event {type=X509 flag=CA data=" +
      hex(root) +
      "}\n"
      "list-certs reply {}\n";
  const auto loaded = loaded_certificates(listing);
  REQUIRE(loaded.size() == 3);
  CHECK(loaded[0].certificate == one);
  CHECK(loaded[0].has_key);
  CHECK_FALSE(loaded[0].authority);
  CHECK(loaded[1].certificate == two);
  CHECK_FALSE(loaded[1].has_key);
  CHECK(loaded[2].certificate == root);
  CHECK(loaded[2].authority);
}

TEST_CASE("what is no certificate in a listing is left out") {
  const std::string one = hex(certificate("one.crt"));
  CHECK(loaded_certificates("").empty());
  CHECK(loaded_certificates("connecting to 'unix:///run/charon.vici' failed: Connection refused\n").empty());
  for (const std::string& line : std::vector<std::string>{
           std::string("list-cert event {}"),
           "list-cert event {type=X509 flag=NONE data=" + one.substr(0, one.size() - 2) + "}",
           "list-cert event {type=X509 flag=NONE data=" + one, "list-cert event {type=X509_CRL data=" + one + "}",
           "list-cert event {type=X509 data=0x}", "list-cert event {type=X509 data=0xzz}",
           "list-cert event {type=X509 data=" + one + "00}", "list-cert event {type=X509 mydata=" + one + "}",
           "xlist-cert event {type=X509 data=" + one + "}"}) {
    CHECK(loaded_certificates(line + "\n").empty());
  }
  CHECK(loaded_certificates("list-cert event {type=X509 data=" + one + "}").size() == 1);
  CHECK_FALSE(loaded_certificates("list-cert event {type=X509 has_privkey=no data=" + one + "}")[0].has_key);
}
