// Deliveries into a settings file that are cut off, and files that cannot be written.
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "tests/contract/credentials.hpp"
#include "tests/contract/distributor_suite.hpp"
#include "tests/contract/own_namespace.hpp"
#include "tests/fault/kill_points.hpp"

using namespace certctl;
using namespace certctl::contract;
namespace fs = std::filesystem;

namespace {

Made<DistributorApi> settings(const fs::path& file, Host& host) {
  return instance<DistributorApi>(
      "settings",
      {{"file", file.string()},
       {"set",
        std::vector<std::pair<std::string, std::string>>{{"IPSEC_LOCAL_KEY", "pkey"}, {"IPSEC_LOCAL_CERT", "cert"}}}},
      host);
}

const std::string kEmpty = "A=1\nIPSEC_LOCAL_KEY=\nIPSEC_LOCAL_CERT=\nB=2\n";

std::size_t entries(const fs::path& directory) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory), fs::directory_iterator()));
}

}  // namespace

TEST_CASE("killed at any system call of install: the file is whole, the next install completes, undo gives it back") {
  const Scratch scratch;
  const fs::path directory = scratch.path() / "etc";
  const fs::path file = directory / "settings";
  const Credential one = test_credential("one");
  const Credential two = test_credential("two");
  TestHost host;
  const auto plugin = settings(file, host);
  scratch.write("etc/settings", kEmpty);
  plugin->install(one, plugin->prepare(one, nullptr).value()).value();
  const std::string old_text = Scratch::read(file);
  const Secret token = plugin->prepare(two, &one).value();
  plugin->install(two, token).value();
  const std::string new_text = Scratch::read(file);

  const auto prepare = [&] {
    fs::remove_all(directory);
    scratch.write("etc/settings", old_text, 0640);
  };
  const auto install = [&] { plugin->install(two, token).value(); };
  const auto only_the_file = [&](const std::string& expected) -> std::string {
    if (Scratch::read(file) != expected) return "the file has another content";
    if (entries(directory) != 1) return "a temporary file is left";
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0 || (status.st_mode & 07777U) != 0640) return "the file has another mode";
    return {};
  };
  const auto whole = [&]() -> std::string {
    const std::string now = Scratch::read(file);
    if (now != old_text && now != new_text) return "the file is neither old nor new";
    for (const auto& entry : fs::directory_iterator(directory)) {
      struct stat status {};
      if (::stat(entry.path().c_str(), &status) == 0 && (status.st_mode & 07U) != 0) return "others can read a copy";
    }
    return {};
  };
  const auto going_on = fault::kill_everywhere(prepare, install, [&]() -> std::string {
    if (auto problem = whole(); !problem.empty()) return problem;
    install();
    return only_the_file(new_text);
  });
  CHECK(going_on.first_bad == "");
  CHECK(going_on.points >= 4);
  const auto going_back = fault::kill_everywhere(prepare, install, [&]() -> std::string {
    plugin->undo(token).value();
    return only_the_file(old_text);
  });
  CHECK(going_back.first_bad == "");
  // and an undo that is cut off
  const auto undo = fault::kill_everywhere(
      [&] {
        prepare();
        install();
      },
      [&] { plugin->undo(token).value(); },
      [&]() -> std::string {
        if (auto problem = whole(); !problem.empty()) return problem;
        plugin->undo(token).value();
        return only_the_file(old_text);
      });
  CHECK(undo.first_bad == "");
}

TEST_CASE("a full disk, a read-only one and an immutable file leave everything as it is") {
  if (!contract::as_root_with(contract::Need::mounts)) return;
  const Scratch scratch;
  const fs::path directory = scratch.path() / "disk";
  fs::create_directory(directory);
  REQUIRE(::mount("tmpfs", directory.c_str(), "tmpfs", 0, "size=64k,mode=0755") == 0);
  struct Unmount {
    const fs::path& path;
    ~Unmount() { ::umount2(path.c_str(), MNT_DETACH); }
  } const unmount{directory};
  const fs::path file = scratch.write("disk/settings", kEmpty);
  const Credential two = test_credential("two");
  TestHost host;
  const auto plugin = settings(file, host);
  const Secret token = plugin->prepare(two, nullptr).value();
  const auto refused = [&](const std::string& code, std::size_t count) {
    const auto report = plugin->install(two, token);
    REQUIRE_FALSE(report.ok());
    CHECK(report.error().code == code);
    CHECK(report.error().message.find(file.string()) != std::string::npos);
    CHECK(Scratch::read(file) == kEmpty);
    CHECK(entries(directory) == count);
    CHECK(plugin->undo(token).ok());
    CHECK(Scratch::read(file) == kEmpty);
  };
  SECTION("full") {
    const std::string page(4096, 'x');
    std::ofstream filler(directory / "filler", std::ios::binary);
    while (filler.write(page.data(), 4096).flush()) {
    }
    filler.close();
    refused("disk-full", 2);
    fs::remove(directory / "filler");
  }
  SECTION("read-only") {
    REQUIRE(::mount(nullptr, directory.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, "size=64k") == 0);
    refused("read-only", 1);
    REQUIRE(::mount(nullptr, directory.c_str(), nullptr, MS_REMOUNT, "size=64k") == 0);
  }
  CHECK(plugin->install(two, token).value().changed);
  CHECK(plugin->inspect(&two).value().present == Present::this_one);
}

TEST_CASE("a directory that may not be written is an error that says so, and so is a file that may not be read") {
  if (!contract::as_root_with(contract::Need::users)) return;
  const Scratch scratch;
  REQUIRE(::chmod(scratch.path().c_str(), 0755) == 0);
  const fs::path file = scratch.write("settings", kEmpty);
  REQUIRE(::chmod(file.c_str(), 0644) == 0);
  const fs::path closed = scratch.write("closed", kEmpty, 0000);
  const Credential two = test_credential("two");
  TestHost host;
  const auto plugin = settings(file, host);
  const auto blind = settings(closed, host);
  CHECK(blind->inspect(nullptr).value().present == Present::none);  // root reads it
  // Everything that a user without rights is told, collected before anything is checked: Catch writes files.
  REQUIRE(::seteuid(65534) == 0);
  auto token = plugin->prepare(two, nullptr);
  auto report = token.ok() ? plugin->install(two, token.value()) : Result<InstallReport>(token.error());
  auto undone = token.ok() ? plugin->undo(token.value()) : Result<void>(token.error());
  auto seen = blind->inspect(nullptr);
  auto prepared = blind->prepare(two, nullptr);
  REQUIRE(::seteuid(0) == 0);
  REQUIRE(token.ok());
  REQUIRE_FALSE(report.ok());
  CHECK(report.error().code == "permission-denied");
  CHECK(undone.ok());
  CHECK(Scratch::read(file) == kEmpty);
  CHECK(entries(scratch.path()) == 2);
  CHECK(seen.value().present == Present::unreadable);
  CHECK_FALSE(prepared.ok());
}

TEST_CASE("a stranger's link leads nowhere") {
  constexpr uid_t kStranger = 65534;
  if (!as_root_with(Need::users)) return;
  const Scratch scratch;
  REQUIRE(::chmod(scratch.path().c_str(), 0755) == 0);
  scratch.write("root/settings", kEmpty);
  fs::create_directory(scratch.path() / "home");
  fs::create_directory_symlink("../root", scratch.path() / "home/etc");
  fs::create_symlink("../root/settings", scratch.path() / "home/settings");
  for (const char* name : {"home", "home/etc", "home/settings"})
    REQUIRE(::lchown((scratch.path() / name).c_str(), kStranger, kStranger) == 0);
  TestHost host;
  for (const char* name : {"home/etc/settings", "home/settings"}) {
    const auto plugin = settings(scratch.path() / name, host);
    const auto refused = plugin->prepare(test_credential("one"), nullptr);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == "unsafe-path");
    CHECK(plugin->inspect(nullptr).value().present == Present::unreadable);
  }
  CHECK(Scratch::read(scratch.path() / "root/settings") == kEmpty);
}
