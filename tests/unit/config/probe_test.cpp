#include <catch2/catch.hpp>

#include "framework/config/profile_hash.hpp"
#include "framework/sys/host_port.hpp"
#include "tests/unit/config/scene.hpp"

using namespace certctl;
using namespace certctl::config;
using namespace certctl::config_test;

namespace {

std::map<std::string, std::string> with(const std::string& keys) {
  return {{"deliver", "[ { script: { run: a }, " + keys + " } ]"}};
}

}  // namespace

TEST_CASE("every way to verify, short and long") {
  const Profile p = good_profile(with(R"(restart: [ /etc/init.d/x, restart ], verify: [ { tls: "127.0.0.1:443" },
    { tls: { connect: [ "192.0.2.1:443", "[::1]:443" ], server_name: www.example, alpn: [ h2, http/1.1 ] } },
    { smtp: { connect: "127.0.0.1:25", server_name: mx.example } }, { file: dumped.pem }, { ike: {} },
    { ike: { uri: "unix:///run/x.vici", command: /opt/swanctl } }, { command: shows it }, { command: [ /x, y ] } ])"));
  REQUIRE(p.targets.size() == 1);
  CHECK(p.targets[0].restart.arguments == Texts{"/etc/init.d/x", "restart"});
  const auto& v = p.targets[0].verify;
  REQUIRE(v.size() == 8);
  CHECK((v[0].kind == ProbeKind::tls && v[0].connect == Texts{"127.0.0.1:443"} && v[0].server_name.empty()));
  CHECK(v[1].connect == Texts{"192.0.2.1:443", "[::1]:443"});
  CHECK((v[1].server_name == "www.example" && v[1].alpn == Texts{"h2", "http/1.1"}));
  CHECK((v[2].kind == ProbeKind::smtp && v[2].server_name == "mx.example"));
  CHECK(v[3].kind == ProbeKind::file);
  CHECK(v[3].file.front() == '/');
  CHECK((v[4].kind == ProbeKind::ike && v[4].command.arguments == Texts{"swanctl"} && v[4].uri.empty()));
  CHECK((v[5].uri == "unix:///run/x.vici" && v[5].command.arguments == Texts{"/opt/swanctl"}));
  CHECK((v[6].kind == ProbeKind::command && v[6].command.shell));
  CHECK_FALSE(v[7].command.shell);
}

TEST_CASE("what is wrong with a way to verify is said with its place") {
  const auto complaint = [](const std::string& keys) {
    const Texts all = complaints_about(with(keys));
    return all.size() == 1 ? all[0] : "not one complaint";
  };
  const auto says = [&](const std::string& keys, const std::string& words) {
    const std::string text = complaint(keys);
    CAPTURE(keys, text);
    CHECK(text.find("profiles.d/p.yaml:5:") == 0);
    CHECK(text.find(words) != std::string::npos);
  };
  says("verify: []", "must be a list");
  says("verify: x", "must be a list");
  says("verify: [ x ]", "a map with a single key");
  says("verify: [ { tls: \"h:1\", file: /x } ]", "a map with a single key");
  says("verify: [ { tsl: \"h:1\" } ]", "did you mean 'tls'");
  says("verify: [ { tls: h } ]", "'h' is no address to connect to");
  says("verify: [ { tls: \"h:0\" } ]", "no address");
  says("verify: [ { tls: {} } ]", "connect is missing");
  says("verify: [ { tls: { connect: [] } } ]", "empty list");
  says("verify: [ { tls: { connect: \"h:1\", server_name: 192.0.2.1 } } ]", "server_name cannot be");
  says("verify: [ { tls: { connect: \"h:1\", alpn: [ \"\" ] } } ]", "alpn");
  says("verify: [ { tls: { connect: \"h:1\", sni: x } } ]", "sni");
  says("verify: [ { smtp: { connect: \"h:1\", alpn: h2 } } ]", "alpn");
  says("verify: [ { file: } ]", "no value");
  says("verify: [ { ike: x } ]", "must be a map");
  says("verify: [ { ike: { uri: --help } } ]", "uri cannot be");
  says("verify: [ { command: [] } ]", "command");
  says("restart: []", "restart");
}

TEST_CASE("another way to verify, or another restart, is another configuration; none is the old one") {
  const auto hash = [](const std::string& keys) { return hash_profile(good_profile(with(keys))).configuration; };
  const std::string none = hash("timeout: 60s");
  CHECK(none == hash("on_failure: rollback"));
  CHECK(none != hash("restart: x"));
  CHECK(hash("verify: [ { tls: \"h:1\" } ]") != hash("verify: [ { tls: \"h:2\" } ]"));
  CHECK(hash("verify: [ { tls: \"h:1\" } ]") != hash("verify: [ { smtp: \"h:1\" } ]"));
  CHECK(hash("verify: [ { ike: {} } ]") != hash("verify: [ { ike: { uri: x } } ]"));
}
