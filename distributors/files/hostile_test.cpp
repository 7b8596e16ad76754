// Directories that belong to somebody who wishes us no good.
#include "distributors/files/test_target.hpp"

#include <fcntl.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "distributors/files/output/place.hpp"

#include "tests/contract/own_namespace.hpp"

using namespace files_test;

namespace {

constexpr uid_t kStranger = 65534;

}  // namespace

TEST_CASE("links of ours are followed and stay links") {
  const Scratch scratch;
  scratch.write("real/key", "old");
  fs::create_directory_symlink("real", scratch.path() / "dir");
  fs::create_symlink("../real/./key", scratch.path() / "real/link");
  fs::create_symlink(scratch.path() / "real/new", scratch.path() / "dangling");
  TestHost host;
  const auto plugin = plugin_files(
      {{"key", path(scratch.path() / "dir/link")}, {"certificate", path(scratch.path() / "dangling")}}, host);
  const Inspection seen = plugin->inspect(nullptr).value();
  CHECK(seen.resources == std::vector<std::string>{"file:" + path(scratch.path() / "real/key"),
                                                   "file:" + path(scratch.path() / "real/new")});
  deliver(*plugin, two());
  CHECK(fs::is_symlink(scratch.path() / "real/link"));
  CHECK(fs::is_symlink(scratch.path() / "dangling"));
  CHECK(Scratch::read(scratch.path() / "real/key") == two().key.pem.reveal());
  CHECK(Scratch::read(scratch.path() / "real/new") == two().certificate_pem);
}

TEST_CASE("two names of one file are refused") {
  const Scratch scratch;
  scratch.write("file", "old");
  fs::create_symlink("file", scratch.path() / "link");
  TestHost host;
  const auto plugin =
      plugin_files({{"key", path(scratch.path() / "file")}, {"certificate", path(scratch.path() / "link")}}, host);
  CHECK(code_of(plugin->prepare(two(), nullptr)) == "bad-option");
}

TEST_CASE("links in circles, missing directories, files as directories, names that are none") {
  const Scratch scratch;
  fs::create_symlink("b", scratch.path() / "a");
  fs::create_symlink("a", scratch.path() / "b");
  scratch.write("file", "");
  fs::create_directory(scratch.path() / "sub");
  const auto code = [&](const std::string& name) -> std::string {
    try {
      (void)certctl::files::Place::find(name.starts_with('/') ? name : path(scratch.path() / name));
    } catch (const Failure& failure) {
      check_error(failure.error());
      return failure.error().code;
    }
    return {};
  };
  CHECK(code("a") == "unsafe-path");
  CHECK(code("none/key") == "directory-missing");
  CHECK(code("file/key") == "directory-missing");
  CHECK(code(".") == "not-a-file");
  CHECK(code("..") == "not-a-file");
  CHECK(code("/") == "bad-path");
  CHECK(code("key/") == "bad-path");
  CHECK(code(std::string(300, 'x')) != "");
  CHECK(code("none/../key") == "directory-missing");
  CHECK(code("./key") == "");
  CHECK(certctl::files::Place::find(path(scratch.path() / "sub/.././y")).path() == path(scratch.path() / "y"));
}

TEST_CASE("a FIFO, a directory or a socket in the place of a file is an error at once") {
  const Scratch scratch;
  const fs::path key = scratch.path() / "key";
  REQUIRE(::mkfifo(key.c_str(), 0600) == 0);
  TestHost host;
  const auto plugin = plugin_files({{"key", path(key)}}, host);
  CHECK(plugin->inspect(&two()).value().present == Present::unreadable);
  CHECK(code_of(plugin->prepare(two(), nullptr)) == "not-a-file");
  fs::remove(key);
  fs::create_directory(key);
  CHECK(code_of(plugin->prepare(two(), nullptr)) == "not-a-file");
  // put there after prepare
  fs::remove(key);
  const Secret token = plugin->prepare(two(), nullptr).value();
  REQUIRE(::mkfifo(key.c_str(), 0600) == 0);
  CHECK(code_of(plugin->install(two(), token)) == "not-a-file");
  CHECK(code_of(plugin->undo(token)) == "not-a-file");
  CHECK(fs::is_fifo(key));
}

TEST_CASE("what shares a hard link with the file keeps its content") {
  const Scratch scratch;
  const fs::path key = scratch.write("key", "old");
  fs::create_hard_link(key, scratch.path() / "elsewhere");
  TestHost host;
  const auto plugin = plugin_files({{"key", path(key)}}, host);
  deliver(*plugin, two());
  CHECK(Scratch::read(scratch.path() / "elsewhere") == "old");
  CHECK(Scratch::read(key) == two().key.pem.reveal());
  CHECK(status_of(key).st_nlink == 1);
}

TEST_CASE("a directory in which everybody may replace files is refused") {
  const Scratch scratch;
  fs::create_directory(scratch.path() / "open");
  REQUIRE(::chmod((scratch.path() / "open").c_str(), 0777) == 0);
  TestHost host;
  const auto plugin = plugin_files({{"certificate", path(scratch.path() / "open/crt")}}, host);
  CHECK(plugin->inspect(&two()).value().present == Present::unreadable);
  CHECK(code_of(plugin->prepare(two(), nullptr)) == "unsafe-directory");
  REQUIRE(::chmod((scratch.path() / "open").c_str(), 01777) == 0);
  CHECK(plugin->prepare(two(), nullptr).ok());
}

TEST_CASE("a stranger's link leads nowhere") {
  if (!contract::as_root_with(contract::Need::users)) return;
  const Scratch scratch;
  REQUIRE(::chmod(scratch.path().c_str(), 0755) == 0);
  scratch.write("root/key", "root's");
  fs::create_directory(scratch.path() / "home");
  fs::create_directory_symlink("../root", scratch.path() / "home/certs");
  fs::create_symlink("../root/key", scratch.path() / "home/key");
  for (const char* name : {"home", "home/certs", "home/key"})
    REQUIRE(::lchown((scratch.path() / name).c_str(), kStranger, kStranger) == 0);
  TestHost host;
  for (const char* name : {"home/certs/key", "home/key"}) {
    const auto plugin = plugin_files({{"key", path(scratch.path() / name)}}, host);
    CHECK(code_of(plugin->prepare(two(), nullptr)) == "unsafe-path");
    CHECK(plugin->inspect(nullptr).value().present == Present::unreadable);
  }
  CHECK(Scratch::read(scratch.path() / "root/key") == "root's");
}

TEST_CASE("a stranger's file in the place of ours does not get the key") {
  if (!contract::as_root_with(contract::Need::users)) return;
  const Scratch scratch;
  const fs::path directory = scratch.path() / "sticky";
  fs::create_directory(directory);
  REQUIRE(::chmod(directory.c_str(), 01777) == 0);
  const fs::path key = scratch.write("sticky/key", "", 0666);
  REQUIRE(::chown(key.c_str(), kStranger, kStranger) == 0);
  TestHost host;
  const auto plugin = plugin_files({{"key", path(key)}}, host);
  CHECK(code_of(plugin->prepare(two(), nullptr)) == "unsafe-file");
  // unless the profile says that he owns it
  const auto owned =
      plugin_files({{"key", path(key)}, {"owner", std::string("65534")}, {"key_mode", std::string("0600")}}, host);
  deliver(*owned, two());
  CHECK(status_of(key).st_uid == kStranger);
  CHECK(mode_of(key) == 0600);
  // the owner of the directory may own files there
  REQUIRE(::chown(directory.c_str(), kStranger, kStranger) == 0);
  CHECK(plugin->prepare(test_credential("one"), nullptr).ok());
}

TEST_CASE("a directory that is exchanged all the time for a link leads nobody elsewhere") {
  if (!contract::as_root_with(contract::Need::users)) return;
  const Scratch scratch;
  REQUIRE(::chmod(scratch.path().c_str(), 0755) == 0);
  const fs::path home = scratch.path() / "home";
  fs::create_directory(home);
  fs::create_directory(home / "certs");
  scratch.write("root/key", "root's");
  REQUIRE(::chown(home.c_str(), kStranger, kStranger) == 0);
  fs::create_directory_symlink("../root", home / "other");
  REQUIRE(::lchown((home / "other").c_str(), kStranger, kStranger) == 0);
  std::atomic<bool> end{false};
  std::thread stranger([&] {
    while (!end) ::renameat2(AT_FDCWD, (home / "certs").c_str(), AT_FDCWD, (home / "other").c_str(), RENAME_EXCHANGE);
  });
  TestHost host;
  const auto plugin = plugin_files({{"key", path(home / "certs/key")}}, host);
  int done = 0, refused = 0;
  for (int i = 0; i < 300; ++i) {
    const Credential& credential = two();
    const auto token = plugin->prepare(credential, nullptr);
    if (token.ok() && plugin->install(credential, Result<Secret>(token).value()).ok()) {
      ++done;
    } else {
      ++refused;
    }
  }
  end = true;
  stranger.join();
  CHECK(Scratch::read(scratch.path() / "root/key") == "root's");
  CHECK(entries(scratch.path() / "root") == 1);
  CHECK(done + refused == 300);
  CHECK(refused > 0);
}
