#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <thread>

#include "framework/sys/atomic_file.hpp"
#include "tests/contract/own_namespace.hpp"
#include "tests/contract/test_host.hpp"
#include "tests/unit/sys/child_process.hpp"

namespace fs = std::filesystem;
using namespace certctl;
using namespace certctl::sys;
using certctl::contract::Scratch;
using test::failure_code;
using test::mode_of;

TEST_CASE("private directories are made with what is above them, and narrowed") {
  const Scratch scratch;
  const fs::path path = scratch.path() / "a" / "b" / "c";
  const mode_t before = ::umask(0);
  make_private_directory(path.string() + "/");
  ::umask(before);
  CHECK(mode_of(path) == 0700);
  CHECK(mode_of(path.parent_path()) == 0700);
  fs::permissions(path, fs::perms(0755));
  make_private_directory(path);
  CHECK(mode_of(path) == 0700);
  scratch.write("file", "");
  CHECK(failure_code([&] { make_private_directory(scratch.path() / "file"); }) == "not-a-directory");
  CHECK(failure_code([&] { make_private_directory(scratch.path() / "file" / "x"); }) == "not-a-directory");
  fs::create_directory_symlink(path, scratch.path() / "link");
  CHECK(failure_code([&] { make_private_directory(scratch.path() / "link"); }) == "not-a-directory");
  make_private_directory(scratch.path() / "link" / "below");  // a link on the way is somebody's wish
  CHECK(mode_of(path / "below") == 0700);
}

TEST_CASE("a directory of another user is not made private for him") {
  if (!contract::as_root_with(contract::Need::users)) return;
  const Scratch scratch;
  fs::create_directory(scratch.path() / "foreign");
  REQUIRE(::chown((scratch.path() / "foreign").c_str(), 1234, 1234) == 0);
  CHECK(failure_code([&] { make_private_directory(scratch.path() / "foreign"); }) == "unsafe-directory");
}

TEST_CASE("a tree is removed without following links out of it") {
  const Scratch scratch;
  scratch.write("outside/kept", "kept");
  scratch.write("tree/a/b/c", "");
  scratch.write("tree/f", "");
  fs::create_directory_symlink(scratch.path() / "outside", scratch.path() / "tree" / "a" / "link");
  remove_tree(scratch.path() / "tree");
  CHECK_FALSE(fs::exists(scratch.path() / "tree"));
  CHECK(Scratch::read(scratch.path() / "outside" / "kept") == "kept");
  fs::create_directory_symlink(scratch.path() / "outside", scratch.path() / "link");
  remove_tree(scratch.path() / "link");
  CHECK(Scratch::read(scratch.path() / "outside" / "kept") == "kept");
  remove_tree(scratch.path() / "outside/");
  CHECK_FALSE(fs::exists(scratch.path() / "outside"));
  remove_tree(scratch.path() / "missing" / "deeper");
}

TEST_CASE("removal survives somebody who swaps a directory for a link") {
  const Scratch scratch;
  scratch.write("outside/kept", "kept");
  for (int round = 0; round < 50; ++round) {
    for (int i = 0; i < 10; ++i) scratch.write("tree/d/" + std::to_string(i), "");
    std::thread attacker([&] {
      std::error_code ignored;
      fs::rename(scratch.path() / "tree" / "d", scratch.path() / "moved", ignored);
      fs::create_directory_symlink(scratch.path() / "outside", scratch.path() / "tree" / "d", ignored);
    });
    (void)failure_code([&] { remove_tree(scratch.path() / "tree"); });  // it may see a tree that isn't empty
    attacker.join();
    std::error_code ignored;
    fs::remove(scratch.path() / "tree" / "d", ignored);
    fs::remove_all(scratch.path() / "tree", ignored);
    fs::remove_all(scratch.path() / "moved", ignored);
    REQUIRE(Scratch::read(scratch.path() / "outside" / "kept") == "kept");
  }
}
