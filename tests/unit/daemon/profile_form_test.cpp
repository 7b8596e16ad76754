#include "framework/daemon/profile_form.hpp"

#include <catch2/catch.hpp>

using namespace certctl;
using daemon::check_fields;
using daemon::profile_text;
using daemon::read_fields;

namespace {

page::FieldValues filled() {
  page::FieldValues values = page::initial_profile();
  values["url"] = "http://pki.example/scep?x=1#y";
  values["ca_fingerprint"] = "sha256:aa, sha256:bb";
  values["challenge_file"] = "/etc/certctl/secrets/a: b";
  values["issuer_options"] = "legacy: allow\nproxy: http://p:3128";
  values["subject"] = "/CN=\"quoted\" # no comment/OU=\xC3\xA9";
  values["san"] = "DNS:a.example, IP:192.0.2.1";
  values["template"] = "tls-client";
  values["clientAuth"] = "";
  values["store"] = "/var/data/x";
  values["deliver"] = "- files: { certificate: /etc/x.crt, key: /etc/x.key }\n  name: x\n\n  reload: [ \"true\" ]";
  values["hooks"] = "- script: { run: \"logger x\" }\n  on: [ failed ]";
  return values;
}

}  // namespace

TEST_CASE("a profile of the form is read back as the form") {
  const auto values = filled();
  REQUIRE(check_fields(values).empty());
  const std::string text = profile_text("gate", values);
  CHECK(daemon::is_written_by_page(text));
  const auto again = read_fields("gate", text);
  REQUIRE(again);
  CHECK(*again == values);
  // With little in it, too.
  auto small = page::initial_profile();
  small["url"] = "http://x/";
  small["store"] = "/s";
  const auto small_again = read_fields("x", profile_text("x", small));
  REQUIRE(small_again);
  CHECK(*small_again == small);
}

TEST_CASE("what somebody has changed by hand is not the form's any more") {
  const std::string text = profile_text("gate", filled());
  CHECK_FALSE(read_fields("gate", text + "names: ignore\n"));
  CHECK_FALSE(read_fields("gate", text + "# a remark\n"));
  CHECK_FALSE(read_fields("gate", text.substr(text.find('\n') + 1)));
  CHECK_FALSE(read_fields("other", text));
  std::string other = text;
  other.replace(other.find("keep: 3"), 7, "keep: 3, odd: 1");
  CHECK_FALSE(read_fields("gate", other));
  CHECK_FALSE(read_fields("gate", ""));
  CHECK_FALSE(read_fields("gate", text.substr(0, 120)));
}

TEST_CASE("values that would be something else in YAML are refused or quoted") {
  auto values = filled();
  values["url"] = "x\nissuer: evil";
  CHECK(check_fields(values).size() == 1);
  values = filled();
  values["protocol"] = "scep: {}\nkey";
  CHECK_FALSE(check_fields(values).empty());
  values["protocol"] = "";
  CHECK(check_fields(values).size() == 1);
  values = filled();
  values["key"] = "rsa-512";
  CHECK(check_fields(values).size() == 1);
  values["key"] = "rsa-2048 rsa-3072";
  CHECK(check_fields(values).size() == 1);
  values = filled();
  values["evil"] = "x";
  CHECK(check_fields(values).size() == 1);
  values = filled();
  values["serverAuth"] = "y";
  CHECK(check_fields(values).size() == 1);
  values = filled();
  values["hooks"] = std::string(17U << 10U, 'x');
  CHECK(check_fields(values).size() == 1);
  // Text that YAML would take for structure stays text.
  values = filled();
  values["subject"] = "/CN=x, key: { evil }: - [";
  const auto again = read_fields("gate", profile_text("gate", values));
  REQUIRE(again);
  CHECK(again->at("subject") == values["subject"]);
}
