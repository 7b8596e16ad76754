// The distributor "openvpn" as the engine uses it; OpenVPN itself is in reload_test.cpp.
#include <catch2/catch.hpp>
#include <fstream>

#include "distributors/openvpn/management.hpp"
#include "distributors/openvpn/test_openvpn.hpp"
#include "tests/contract/credentials.hpp"
#include "tests/fault/kill_points.hpp"

using namespace openvpn_test;

namespace {

using Given = std::initializer_list<std::pair<std::string, OptionValue>>;

const std::string kFrame =
    "client\r\nremote vpn.example 1194\r\n# <cert>\r\n<cert>\r\n</cert>\r\n<key>\r\nold\r\n</key>\r\nverb 3\r\n";

std::string error_of(Given given) {
  TestHost host;
  try {
    (void)instance<DistributorApi>("openvpn", given, host);
  } catch (const Failure& failure) {
    check_error(failure.error());
    CHECK(failure.error().code == "bad-option");
    return failure.error().message;
  }
  return {};
}

Options files_in(const fs::path& directory) {
  return contract::options(CERTCTL_KIND_DISTRIBUTOR, "openvpn",
                           {{"certificate", (directory / "server.crt").string()},
                            {"key", (directory / "server.key").string()},
                            {"ca", (directory / "ca.crt").string()},
                            {"pid", std::string("/run/openvpn/server.pid")}});
}

Options inside_of(const fs::path& configuration, bool ca = false, const std::string& missing = "fail") {
  return contract::options(CERTCTL_KIND_DISTRIBUTOR, "openvpn",
                           {{"configuration", configuration.string()},
                            {"inline", true},
                            {"inline_ca", ca},
                            {"missing", missing},
                            {"signal", std::string("none")}});
}

void check_suite(const std::function<Options(const fs::path&)>& options, const std::string& configuration) {
  const Scratch scratch;
  const fs::path directory = scratch.path() / "openvpn";
  const auto put = [&](const Credential& credential) {
    TestHost host;
    deliver(*instance<DistributorApi>("openvpn", options(directory), host), credential);
  };
  DistributorSubject subject;
  subject.make = linked<DistributorApi>("openvpn");
  subject.options = [&] { return options(directory); };
  subject.old_credential = test_credential("one");
  subject.new_credential = test_credential("two");
  subject.reset = [&] {
    fs::remove_all(directory);
    fs::create_directory(directory);
    if (!configuration.empty()) scratch.write("openvpn/client.conf", configuration);
    put(subject.old_credential);
  };
  subject.snapshot = [&] { return snapshot_of(scratch.path()); };
  subject.change_neighbour = [&] {
    if (configuration.empty()) {
      scratch.write("openvpn/other", "neighbour");
    } else {
      const std::string text = Scratch::read(directory / "client.conf");
      write(directory / "client.conf", "# mine\r\n" + text + "mute 10\r\n");
    }
  };
  subject.take_over = [&] { put(test_credential("three")); };
  subject.break_target = [&] { fs::remove_all(directory); };
  distributor_suite(subject);
}

}  // namespace

TEST_CASE("openvpn is a distributor: files") {
  check_suite(files_in, "");
}

TEST_CASE("openvpn is a distributor: inside of a configuration") {
  check_suite([](const fs::path& directory) { return inside_of(directory / "client.conf"); }, kFrame);
}

TEST_CASE("openvpn is a distributor: appended to a configuration") {
  check_suite([](const fs::path& directory) { return inside_of(directory / "client.conf", true, "append"); },
              "client\nremote vpn.example 1194\n");
}

TEST_CASE("options of openvpn that make no sense are refused with what to do") {
  const std::string file = "/etc/openvpn/x";
  CHECK(error_of({{"pid", file}}).find("`certificate` and `key`") != std::string::npos);
  CHECK(error_of({{"certificate", file}, {"key", file + "k"}}).find("`pid`") != std::string::npos);
  CHECK(error_of({{"certificate", file}, {"key", file + "k"}, {"signal", std::string("management")}})
            .find("`management`") != std::string::npos);
  CHECK(error_of({{"inline", true}, {"pid", file}}).find("`configuration`") != std::string::npos);
  CHECK(error_of({{"inline", true}, {"configuration", file}, {"key", file}, {"pid", file}}).find("contradict") !=
        std::string::npos);
  CHECK(error_of({{"certificate", file}, {"key", file + "k"}, {"pid", file}, {"inline_ca", true}}).find("inline_ca") !=
        std::string::npos);
  CHECK(error_of({{"certificate", file}, {"key", file + "k"}, {"pid", file}, {"settle", std::chrono::seconds{0}}})
            .find("settle") != std::string::npos);
  for (const char* address : {"7505", ":7505", "localhost:"}) {
    CHECK(error_of({{"certificate", file}, {"key", file + "k"}, {"pid", file}, {"management", std::string(address)}})
              .find("no address") != std::string::npos);
  }
  CHECK(error_of({{"inline", true}, {"configuration", file}, {"pid", file}}).find("SIGUSR1") != std::string::npos);
  CHECK(error_of({{"inline", true}, {"configuration", file}, {"pid", file}, {"signal", std::string("hup")}}).empty());
  CHECK(error_of({{"certificate", file}, {"key", file + "k"}, {"pid", file}}).empty());
}

TEST_CASE("inspect() says what the change means to connections") {
  TestHost host;
  const Scratch scratch;
  CHECK(instance<DistributorApi>("openvpn", files_in(scratch.path()), host)->inspect(nullptr).value().disturbance ==
        "restart");
  scratch.write("client.conf", kFrame);
  const auto plugin = instance<DistributorApi>("openvpn", inside_of(scratch.path() / "client.conf"), host);
  CHECK(plugin->inspect(nullptr).value().disturbance == "none");
  CHECK(plugin->reload().ok());  // `signal: none`
  CHECK(openvpn::state_name("1796038763,CONNECTED,SUCCESS,10.9.0.1") == "CONNECTED");
  CHECK(openvpn::state_name("1796038763,WAIT") == "WAIT");
  CHECK(openvpn::state_name("").empty());
}

TEST_CASE("killed at any step, the configuration is the old one or the new one, and the next run completes it") {
  const Scratch scratch;
  const fs::path file = scratch.path() / "dir/client.conf";
  TestHost host;
  const Credential one = test_credential("one");
  const Credential two = test_credential("two");
  const auto plugin = instance<DistributorApi>("openvpn", inside_of(file), host);
  const auto fresh = [&] {
    fs::remove_all(file.parent_path());
    scratch.write("dir/client.conf", kFrame);
    deliver(*plugin, one);
  };
  fresh();
  const std::string old_text = Scratch::read(file);
  const std::string before = snapshot_of(file.parent_path());
  const Secret token = plugin->prepare(two, nullptr).value();
  const auto install = [&] { plugin->install(two, token).value(); };
  const auto undo = [&] { plugin->undo(token).value(); };
  install();
  const std::string new_text = Scratch::read(file);
  const std::string after = snapshot_of(file.parent_path());
  const auto whole = [&](const std::function<void()>& then, const std::string& wanted) -> std::string {
    const std::string now = Scratch::read(file);
    if (now != old_text && now != new_text) return "neither old nor new";
    for (const auto& entry : fs::directory_iterator(file.parent_path())) {
      if ((entry.status().permissions() & (fs::perms::group_all | fs::perms::others_all)) != fs::perms::none)
        return "others may read " + entry.path().string();
    }
    then();
    return snapshot_of(file.parent_path()) == wanted ? "" : "the next run does not complete it";
  };
  const auto going_on = fault::kill_everywhere(fresh, install, [&] { return whole(install, after); });
  CHECK(going_on.first_bad == "");
  CHECK(going_on.points >= 4);
  const auto going_back = fault::kill_everywhere(fresh, install, [&] { return whole(undo, before); });
  CHECK(going_back.first_bad == "");
  const auto undoing = fault::kill_everywhere(
      [&] {
        fresh();
        install();
      },
      undo, [&] { return whole(undo, before); });
  CHECK(undoing.first_bad == "");
}
