// The distributor with a real charon: what is loaded, what is refused, and that a refusal leaves charon as it was.
#include <catch2/catch.hpp>
#include <fstream>

#include "distributors/swanctl/test_charon.hpp"
#include "framework/crypto/certificate.hpp"
#include "tests/contract/own_namespace.hpp"

using namespace swanctl_test;

namespace {

const End kAlone{"moon", "127.0.0.1", "10.7.1.1", "sun", "127.0.0.2", "10.7.2.1"};

struct Scene {
  Scratch scratch;
  TestAuthority authority;
  Credential old_one = authority.issue("moon", "moon.test");
  Credential new_one = authority.issue("moon", "moon.test");
  Charon charon{scratch.path() / "moon", kAlone};
  TestHost host;

  Scene() { charon.give(old_one, authority); }
  [[nodiscard]] Made<DistributorApi> plugin(std::initializer_list<std::pair<std::string, OptionValue>> more = {}) {
    return instance<DistributorApi>("swanctl", charon.options(more), host);
  }
  [[nodiscard]] std::string loaded() const {
    return charon.swanctl("--list-certs --type x509 --raw") + charon.swanctl("--list-conns");
  }
};

void append(const fs::path& file, const std::string& text) {
  std::ofstream(file, std::ios::app) << text;
}

}  // namespace

TEST_CASE("charon has the new credential after reload, and the old one after undo") {
  if (!as_root_with(Need::network)) return;
  Scene scene;
  const auto plugin = scene.plugin();
  Served served = plugin->verify(scene.old_one).value();
  CHECK(served.fingerprint == scene.old_one.fingerprint);
  CHECK(served.chain_fingerprints == std::vector<std::string>{scene.authority.intermediate().fingerprint()});

  const Secret token = plugin->prepare(scene.new_one, nullptr).value();
  plugin->install(scene.new_one, token).value();
  served = plugin->verify(scene.new_one).value();  // files alone change nothing
  CHECK(served.known);
  CHECK(served.fingerprint == scene.old_one.fingerprint);
  plugin->reload().value();
  CHECK(plugin->verify(scene.new_one).value().fingerprint == scene.new_one.fingerprint);
  CHECK(scene.charon.swanctl("--list-conns").find("tunnel") != std::string::npos);
  CHECK(scene.host.state().log.empty());

  plugin->undo(token).value();
  plugin->reload().value();
  CHECK(plugin->verify(scene.old_one).value().fingerprint == scene.old_one.fingerprint);
  CHECK(plugin->verify(scene.new_one).value().fingerprint == scene.old_one.fingerprint);
}

TEST_CASE("a configuration that cannot be read is refused before charon hears of it") {
  if (!as_root_with(Need::network)) return;
  Scene scene;
  const auto plugin = scene.plugin();
  deliver(*plugin, scene.new_one);
  const std::string before = scene.loaded();
  CHECK(before.find("tunnel") != std::string::npos);
  append(scene.charon.files() / "swanctl.conf", "connections {\n  other {\n");
  auto refused = plugin->reload();
  CHECK(code_of(refused) == "reload-refused");
  CHECK(refused.error().message.find("syntax error") != std::string::npos);
  CHECK(scene.loaded() == before);
  fs::remove(scene.charon.files() / "swanctl.conf");
  CHECK(code_of(plugin->reload()) == "reload-refused");
  CHECK(scene.loaded() == before);
  scene.charon.write_configuration();
  plugin->reload().value();
  CHECK(plugin->verify(scene.new_one).value().fingerprint == scene.new_one.fingerprint);
}

TEST_CASE("what charon does not load is told in words") {
  if (!as_root_with(Need::network)) return;
  Scene scene;
  const auto plugin = scene.plugin();
  deliver(*plugin, scene.new_one);
  SECTION("our key") {
    std::ofstream(scene.charon.files() / "private/gateway.pem") << "no key\n";
    const auto refused = plugin->reload();
    CHECK(code_of(refused) == "reload-refused");
    CHECK(refused.error().message.find("private/gateway.pem") != std::string::npos);
  }
  SECTION("another one's key in our place") {
    std::ofstream(scene.charon.files() / "private/gateway.pem") << scene.old_one.key.pem.reveal();
    const auto refused = plugin->reload();
    CHECK(code_of(refused) == "not-served");
    CHECK(refused.error().message.find("not its private key") != std::string::npos);
    CHECK(code_of(plugin->verify(scene.new_one)) == "not-served");
  }
  SECTION("a CA certificate of the chain") {
    fs::remove(scene.charon.files() / "x509ca/gateway-1.pem");
    plugin->reload().value();
    const auto bare = plugin->verify(scene.new_one);
    CHECK(code_of(bare) == "chain-not-served");
    CHECK(bare.error().message.find("Test issuing") != std::string::npos);
  }
  SECTION("a file of somebody else: a warning") {
    std::ofstream(scene.charon.files() / "x509ca/README") << "certificates of ours\n";
    plugin->reload().value();
    CHECK(scene.host.state().logged("x509ca/README"));
    CHECK(plugin->verify(scene.new_one).value().fingerprint == scene.new_one.fingerprint);
  }
  SECTION("a connection") {
    scene.charon.write_configuration(
        "connections {\n  wrong {\n    local {\n      certs = nowhere.pem\n    }\n  }\n}\n");
    const auto failed = plugin->reload();
    CHECK(code_of(failed) == "reload-failed");
    CHECK(failed.error().message.find("nowhere.pem") != std::string::npos);
  }
}

TEST_CASE("charon that is not running, and a program that is not there") {
  if (!as_root_with(Need::network)) return;
  Scene scene;
  const auto plugin = scene.plugin();
  deliver(*plugin, scene.new_one);
  scene.charon.end();
  const auto failed = plugin->reload();
  CHECK(code_of(failed) == "service-not-running");
  CHECK(failed.error().message.find(scene.charon.uri()) != std::string::npos);
  CHECK(code_of(plugin->verify(scene.new_one)) == "service-not-running");
  CHECK(code_of(scene.plugin({{"binary", std::string("/nowhere/swanctl")}})->reload()) == "command-not-started");
}
