// The distributor with a real OpenVPN server, and what its clients see.
#include <catch2/catch.hpp>
#include <fstream>

#include "distributors/openvpn/test_openvpn.hpp"
#include "tests/contract/own_namespace.hpp"

using namespace openvpn_test;

TEST_CASE("clients of openvpn see the new certificate after reload, and the old one after undo") {
  if (!as_root_with(Need::network)) return;
  Scene scene;
  scene.start();
  CHECK(scene.served_serial() == scene.old_one.serial);
  const auto plugin = scene.with_files(
      {{"management", scene.file("management.socket").string()}, {"settle", std::chrono::seconds{120}}});
  CHECK(plugin->inspect(&scene.old_one).value().present == Present::this_one);
  const Secret token = plugin->prepare(scene.new_one, nullptr).value();
  plugin->install(scene.new_one, token).value();
  CHECK(scene.served_serial() == scene.old_one.serial);  // files alone change nothing
  plugin->reload().value();
  CHECK(scene.served_serial() == scene.new_one.serial);
  const Served served = plugin->verify(scene.new_one).value();
  CHECK_FALSE(served.known);
  CHECK(served.detail.find("state is CONNECTED") != std::string::npos);
  CHECK(code_of(plugin->verify(scene.old_one)) == "not-served");
  plugin->undo(token).value();
  plugin->reload().value();
  CHECK(scene.served_serial() == scene.old_one.serial);
}

TEST_CASE("openvpn is watched without its management interface, too") {
  if (!as_root_with(Need::network)) return;
  Scene scene;
  scene.start();
  deliver(*scene.with_files(), scene.new_one);
  scene.with_files({{"settle", std::chrono::seconds{1}}})->reload().value();
  CHECK(soon([&] { return scene.logged("Initialization Sequence Completed", 2); }));
  CHECK(scene.served_serial() == scene.new_one.serial);
}

TEST_CASE("SIGHUP, and the management interface by itself") {
  if (!as_root_with(Need::network)) return;
  Scene scene;
  write(scene.file("password"), "open sesame\n");
  scene.start("persist-key\nmanagement 127.0.0.1 17505 password\n");
  const std::string tcp = "127.0.0.1:17505";
  const SecretSource password{"", Secret("open sesame")};
  deliver(*scene.with_files(), scene.new_one);
  SECTION("persist-key and USR1: refused, as it would change nothing") {
    const auto plugin = scene.with_files({{"configuration", scene.file("server.conf").string()}});
    const auto refused = plugin->reload();
    CHECK(code_of(refused) == "reload-refused");
    CHECK(refused.error().message.find("persist-key") != std::string::npos);
    CHECK_FALSE(scene.logged("SIGUSR1"));
  }
  SECTION("persist-key and HUP") {
    scene
        .with_files({{"configuration", scene.file("server.conf").string()},
                     {"signal", std::string("hup")},
                     {"management", tcp},
                     {"management_password", password},
                     {"settle", std::chrono::seconds{120}}})
        ->reload()
        .value();
    CHECK(scene.served_serial() == scene.new_one.serial);
  }
  SECTION("a wrong password, and none") {
    for (const char* wrong : {"open", ""}) {
      const SecretSource given{"", Secret(wrong)};
      const auto refused = scene.with_files({{"management", tcp}, {"management_password", given}})->reload();
      CHECK(code_of(refused) == "management-failed");
      CHECK(refused.error().message.find("password") != std::string::npos);
    }
    CHECK_FALSE(scene.logged("SIGUSR1"));
  }
}

TEST_CASE("the management interface signals openvpn") {
  if (!as_root_with(Need::network)) return;
  Scene scene;
  scene.start();
  const auto plugin = scene.with_files({{"pid", std::monostate()},
                                        {"signal", std::string("management")},
                                        {"management", scene.file("management.socket").string()},
                                        {"settle", std::chrono::seconds{120}}});
  deliver(*plugin, scene.new_one);
  plugin->reload().value();
  CHECK(scene.served_serial() == scene.new_one.serial);
}

TEST_CASE("the credential inside of a configuration is served after reload") {
  if (!as_root_with(Need::network)) return;
  Scene scene;
  scene.start("", true);
  const auto how = GENERATE(std::string("hup"), std::string("management"));
  const auto plugin = scene.plugin({{"configuration", scene.file("server.conf").string()},
                                    {"inline", true},
                                    {"pid", scene.file("server.pid").string()},
                                    {"signal", how},
                                    {"management", scene.file("management.socket").string()},
                                    {"settle", std::chrono::seconds{120}}});
  const std::string before = Scratch::read(scene.file("server.conf"));
  const Secret token = plugin->prepare(scene.new_one, nullptr).value();
  plugin->install(scene.new_one, token).value();
  plugin->reload().value();
  CHECK(scene.served_serial() == scene.new_one.serial);
  plugin->undo(token).value();
  CHECK(Scratch::read(scene.file("server.conf")) == before);
  plugin->reload().value();
  CHECK(scene.served_serial() == scene.old_one.serial);
}

TEST_CASE("openvpn is not signalled when it would end by that") {
  if (!as_root_with(Need::network)) return;
  Scene scene;
  SECTION("a pair that is none") {
    scene.start();
    write(scene.file("server.key"), scene.new_one.key.pem.reveal());
    const auto refused = scene.with_files()->reload();
    CHECK(code_of(refused) == "reload-refused");
    CHECK(refused.error().message.find("do not belong together") != std::string::npos);
  }
  SECTION("a key that it may no longer read") {
    scene.start("user nobody\n");
    const auto refused = scene.with_files()->reload();
    CHECK(code_of(refused) == "reload-refused");
    CHECK(refused.error().message.find("may no longer read " + scene.file("server.key").string()) != std::string::npos);
    fs::permissions(scene.file("server.key"), fs::perms::owner_read | fs::perms::others_read);
    CHECK(code_of(scene.with_files()->reload()) == "reload-refused");  // the certificate is there, too
  }
  CHECK(scene.server->is_alive());
  CHECK_FALSE(scene.logged("SIGUSR1"));
  CHECK(scene.served_serial() == scene.old_one.serial);
}

TEST_CASE("openvpn that ends at its reload, is not running, or is another program") {
  if (!as_root_with(Need::network)) return;
  Scene scene;
  scene.start();
  const auto plugin = scene.with_files({{"settle", std::chrono::seconds{120}}});
  SECTION("it ends") {
    fs::remove(scene.file("ca.crt"));
    const auto ended = plugin->reload();
    CHECK(code_of(ended) == "service-ended");
    CHECK(code_of(plugin->verify(scene.old_one)) == "service-not-running");
  }
  SECTION("it is not running") {
    write(scene.file("server.pid"), std::to_string(scene.server->pid()) + "\n");
    scene.server->end();
    const auto gone = plugin->reload();
    CHECK(code_of(gone) == "service-not-running");
    CHECK(gone.error().message.find(scene.file("server.pid").string()) != std::string::npos);
    fs::remove(scene.file("server.pid"));
    CHECK(code_of(plugin->reload()) == "service-not-running");
  }
  SECTION("another program has its number") {
    BackgroundProgram sleeper({"sleep", "100"}, scene.file("sleep"), "coreutils");
    REQUIRE(soon([&] { return Scratch::read("/proc/" + std::to_string(sleeper.pid()) + "/comm") == "sleep\n"; }));
    write(scene.file("server.pid"), std::to_string(sleeper.pid()));
    const auto other = plugin->reload();
    CHECK(code_of(other) == "service-not-running");
    CHECK(other.error().message.find("another program (sleep)") != std::string::npos);
    CHECK(sleeper.is_alive());
    write(scene.file("server.pid"), "1234x");
    CHECK(code_of(plugin->reload()) == "bad-option");
  }
}
