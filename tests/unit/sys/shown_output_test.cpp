#include "framework/sys/shown_output.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "framework/sys/printable.hpp"

using namespace certctl;
using namespace certctl::sys;

namespace {

const std::string kWithheld = "(not shown: it may hold a private key)";
// Two lines of a key, made with `openssl genpkey -algorithm RSA`.
const std::string kLines =
    "MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQDJbmcSsv6p0Yx4\n"
    "tW1mKz8qXb0m1wXn0yqQeJm2p6k7dC1S8bJ5aYvZ3fHn4tUo9rL0eG2iT6xVwPqB\n";

}  // namespace

TEST_CASE("ordinary output is shown, cut at its beginning and without blanks at its end") {
  for (const char* text :
       {"no route to host", "nginx: cannot load certificate key \"/etc/ssl/private/x.key\": no such file",
        "failed to load private key from /var/lib/strongswan/swanctl/private/Router7.pem",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}) {
    CHECK(shown_output(text) == text);
    CHECK(shown_start(text) == text);
  }
  CHECK(shown_output("a\nb \n\n").substr(0, 4) == "a\\nb");
  CHECK(shown_output(printable("first\nlast\r\n")) == "first\\nlast");
  CHECK(shown_output("123456", 3) == "...456");
  CHECK(shown_start("123456", 3) == "123...");
  CHECK(shown_output(" \n").empty());
}

TEST_CASE("what may hold a private key is not shown, in whatever form and place") {
  for (const std::string& text : std::vector<std::string>{
           "-----BEGIN PRIVATE KEY-----\n" + kLines + "-----END PRIVATE KEY-----\nfailed\n",
           "-----BEGIN RSA PRIVATE KEY-----\n",
           kLines,                                                                          // its label was cut off
           kLines.substr(80) + "QUJD\n-----END EC PRIVATE KEY-----\n",                      // its beginning was cut off
           ("+ IPSEC_LOCAL_KEY=LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCk1JSUV2Z0lCQURBTkJn"),  // set -x
           ("Private-Key: (2048 bit, 2 primes)\nmodulus:\n    00:c9:6e\n"),
           ("    1f:2e\ncoefficient:\n    00:aa:bb\n"),
           ("read EC key\npriv:\n    1f:2e\n"),
       }) {
    CAPTURE(text);
    CHECK(shown_output(text) == kWithheld);
    CHECK(shown_output(printable(text)) == kWithheld);
    CHECK(shown_output(text + std::string(400, '.')) == kWithheld);  // the key is in the part that is not shown
    CHECK(shown_start(text) == kWithheld);
  }
}

TEST_CASE("of a command only the first word is shown") {
  CHECK(command_name({true, {"  curl -u me:secret x"}}) == "curl");
  CHECK(command_name({true, {"a;b"}}) == "a");
  CHECK(command_name({false, {"/bin/my program", "secret"}}) == "/bin/my program");
  CHECK(command_name({}).empty());
  CHECK(command_name({true, {""}}).empty());
}
