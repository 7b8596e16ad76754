// Deliveries into files that are cut off, and disks that are full.
#include "distributors/files/test_target.hpp"

#include <sys/mount.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "tests/contract/own_namespace.hpp"
#include "tests/fault/kill_points.hpp"

using namespace files_test;

namespace {

// Every file that holds a key is 0600, whatever its name.
std::string readable_key(const fs::path& directory) {
  for (const auto& entry : fs::directory_iterator(directory))
    if ((mode_of(entry.path()) & 077U) != 0 &&
        Scratch::read(entry.path()).find("PRIVATE KEY-----") != std::string::npos)
      return "others can read " + entry.path().filename().string();
  return {};
}

}  // namespace

TEST_CASE("killed at any system call: each file is whole, the next run completes, undo gives everything back") {
  const Scratch scratch;
  const fs::path directory = scratch.path() / "ssl";
  const Credential one = test_credential("one");
  const Credential two = test_credential("two");
  TestHost host;
  const auto plugin = plugin_files({{"key", path(directory / "key")},
                                    {"fullchain", path(directory / "crt")},
                                    {"combined", path(directory / "all")},
                                    {"group", std::string("0")}},
                                   host);
  const auto fresh = [&](bool with_old) {
    fs::remove_all(directory);
    fs::create_directory(directory);
    if (with_old) deliver(*plugin, one);
  };
  for (const bool with_old : {true, false}) {
    CAPTURE(with_old);
    fresh(with_old);
    const std::string before = snapshot_of(directory);
    const std::string old_all = with_old ? Scratch::read(directory / "all") : "";
    const Secret token = plugin->prepare(two, nullptr).value();
    const auto install = [&] { plugin->install(two, token).value(); };
    const auto undo = [&] { plugin->undo(token).value(); };
    install();
    const std::string after = snapshot_of(directory);
    const std::string new_all = Scratch::read(directory / "all");
    const auto whole = [&]() -> std::string {
      if (auto problem = readable_key(directory); !problem.empty()) return problem;
      if (!fs::exists(directory / "all")) return with_old ? "a file is gone" : "";
      const std::string now = Scratch::read(directory / "all");
      return now == old_all || now == new_all ? "" : "a file is neither old nor new";
    };
    const auto going_on =
        fault::kill_everywhere([&] { fresh(with_old); }, install,
                               [&]() -> std::string {
                                 if (auto problem = whole(); !problem.empty()) return problem;
                                 install();
                                 return snapshot_of(directory) == after ? "" : "the next run does not complete it";
                               });
    CHECK(going_on.first_bad == "");
    CHECK(going_on.points >= 12);
    const auto going_back =
        fault::kill_everywhere([&] { fresh(with_old); }, install,
                               [&]() -> std::string {
                                 undo();
                                 return snapshot_of(directory) == before ? "" : "undo does not give everything back";
                               });
    CHECK(going_back.first_bad == "");
    const auto undoing = fault::kill_everywhere(
        [&] {
          fresh(with_old);
          install();
        },
        undo,
        [&]() -> std::string {
          if (auto problem = whole(); !problem.empty()) return problem;
          undo();
          return snapshot_of(directory) == before ? "" : "a second undo does not complete the first";
        });
    CHECK(undoing.first_bad == "");
  }
}

TEST_CASE("nothing is switched before everything is written") {
  const Scratch scratch;
  const fs::path directory = scratch.path() / "ssl";
  const Credential one = test_credential("one");
  const Credential two = test_credential("two");
  TestHost host;
  const auto plugin = plugin_files({{"key", path(directory / "key")}, {"certificate", path(directory / "crt")}}, host);
  int mixed = 0;
  Secret token;
  const auto campaign = fault::kill_everywhere(
      [&] {
        fs::remove_all(directory);
        fs::create_directory(directory);
        deliver(*plugin, one);
        token = plugin->prepare(two, nullptr).value();
      },
      [&] { plugin->install(two, token).value(); },
      [&]() -> std::string {
        const bool new_key = Scratch::read(directory / "key") == two.key.pem.reveal();
        const bool new_certificate = Scratch::read(directory / "crt") == two.certificate_pem;
        if (new_key != new_certificate) ++mixed;
        return {};
      });
  CHECK(campaign.bad == 0);
  // one point only: on entry of the second rename
  CHECK(mixed == 1);
}

TEST_CASE("a full disk: all files stay as they are") {
  if (!contract::as_root_with(contract::Need::mounts)) return;
  const Scratch scratch;
  const fs::path directory = scratch.path() / "disk";
  fs::create_directory(directory);
  REQUIRE(::mount("tmpfs", directory.c_str(), "tmpfs", 0, "size=64k,mode=0755") == 0);
  struct Unmount {
    const fs::path& path;
    ~Unmount() { ::umount2(path.c_str(), MNT_DETACH); }
  } const unmount{directory};
  TestHost host;
  const auto plugin = plugin_files({{"key", path(directory / "key")}, {"fullchain", path(directory / "crt")}}, host);
  deliver(*plugin, test_credential("one"));
  // room for one more file, not for two
  const std::string page(4096, 'x');
  std::ofstream filler(directory / "filler", std::ios::binary);
  while (filler.write(page.data(), 4096).flush()) {
  }
  filler.close();
  fs::resize_file(directory / "filler", fs::file_size(directory / "filler") / 4096 * 4096 - 4096);
  const std::string before = snapshot_of(directory);
  const Credential two = test_credential("two");
  const Secret token = plugin->prepare(two, nullptr).value();
  CHECK(code_of(plugin->install(two, token)) == "disk-full");
  CHECK(snapshot_of(directory) == before);
  CHECK(plugin->undo(token).ok());
  CHECK(snapshot_of(directory) == before);
  fs::remove(directory / "filler");
  CHECK(plugin->install(two, token).ok());
  CHECK(plugin->inspect(&two).value().present == Present::this_one);
}
