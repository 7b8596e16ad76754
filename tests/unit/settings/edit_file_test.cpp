// Edits on disk: whole or not at all, beside other writers, owner and mode kept.
#include "distributors/settings/editor/edit_file.hpp"

#include <certctl/result.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/contract/own_namespace.hpp"
#include "tests/contract/test_host.hpp"
#include "tests/unit/settings/fixture.hpp"

using namespace certctl;
using namespace certctl::settings;
using settings_test::code_of;
namespace fs = std::filesystem;

namespace {

// A=… becomes A=2; idempotent.
Secret set_a(const Document& document) {
  const auto& text = document.text();
  const auto at = text.find("A=");
  if (at == std::string::npos) throw Failure::never("name-missing", "no A");
  return Secret(text.substr(0, at) + "A=2" + text.substr(text.find('\n', at)));
}

std::size_t entries(const fs::path& directory) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory), fs::directory_iterator()));
}

}  // namespace

TEST_CASE("an edit replaces the file, and keeps its owner and mode") {
  if (!contract::as_root_with(contract::Need::users)) return;
  const contract::Scratch scratch;
  const fs::path file = scratch.write("settings", "A=1\nB=1\n", 0640);
  REQUIRE(::chown(file.c_str(), 65534, 65534) == 0);
  struct stat before {};
  REQUIRE(::stat(file.c_str(), &before) == 0);
  CHECK(edit_file(file, set_a));
  CHECK(contract::Scratch::read(file) == "A=2\nB=1\n");
  struct stat after {};
  REQUIRE(::stat(file.c_str(), &after) == 0);
  CHECK(after.st_mode == before.st_mode);
  CHECK(after.st_uid == before.st_uid);
  CHECK(after.st_gid == before.st_gid);
  CHECK(entries(scratch.path()) == 1);
}

TEST_CASE("without a change the file is not touched") {
  const contract::Scratch scratch;
  const fs::path file = scratch.write("settings", "A=2\n");
  struct stat before {
  }, after{};
  REQUIRE(::stat(file.c_str(), &before) == 0);
  CHECK_FALSE(edit_file(file, set_a));
  REQUIRE(::stat(file.c_str(), &after) == 0);
  CHECK(after.st_ino == before.st_ino);
  CHECK(after.st_ctim.tv_nsec == before.st_ctim.tv_nsec);
}

TEST_CASE("what somebody else writes meanwhile is kept, three times; then it is an error") {
  const contract::Scratch scratch;
  const fs::path file = scratch.write("settings", "A=1\nB=0\n");
  int disturbances = 3;
  int rounds = 0;
  const auto disturbed = [&](const Document& document) {
    ++rounds;
    Secret result = set_a(document);
    if (rounds <= disturbances) scratch.write("settings", "A=1\nB=" + std::to_string(rounds) + "\n");
    return result;
  };
  SECTION("three times") {
    CHECK(edit_file(file, disturbed));
    CHECK(contract::Scratch::read(file) == "A=2\nB=3\n");
  }
  SECTION("always") {
    disturbances = 1000;
    CHECK(code_of([&] { edit_file(file, disturbed); }) == "changed-meanwhile");
    CHECK(rounds < 8);
    CHECK(contract::Scratch::read(file).substr(0, 4) == "A=1\n");
  }
  CHECK(entries(scratch.path()) == 1);
}

TEST_CASE("a writer that puts its old copy over ours is noticed") {
  const contract::Scratch scratch;
  const fs::path file = scratch.write("settings", "A=1\n");
  int rounds = 0;
  CHECK(edit_file(file, [&](const Document& document) {
    // the second look comes after our rename
    if (++rounds == 2) {
      scratch.write("settings", "A=1\nC=9\n");
      return set_a(Document(contract::Scratch::read(file)));
    }
    return set_a(document);
  }));
  CHECK(contract::Scratch::read(file) == "A=2\nC=9\n");
}

TEST_CASE("a transform that fails touches nothing") {
  const contract::Scratch scratch;
  const fs::path file = scratch.write("settings", "B=1\n");
  CHECK(code_of([&] { edit_file(file, set_a); }) == "name-missing");
  CHECK(contract::Scratch::read(file) == "B=1\n");
  CHECK(entries(scratch.path()) == 1);
}

TEST_CASE("what is no file is an error at once") {
  const contract::Scratch scratch;
  const std::string missing = (scratch.path() / "none").string();
  CHECK(code_of([&] { edit_file(missing, set_a); }) == "file-missing");
  const std::string pipe = (scratch.path() / "pipe").string();
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(code_of([&] { edit_file(pipe, set_a); }) == "not-a-file");
  CHECK(code_of([&] { edit_file(scratch.path().string(), set_a); }) == "not-a-file");
}

TEST_CASE("a link stays a link, and the file behind it is edited") {
  const contract::Scratch scratch;
  const fs::path file = scratch.write("real/settings", "A=1\n");
  fs::create_symlink("real/settings", scratch.path() / "link");
  const std::string path = canonical_path((scratch.path() / "link").string());
  CHECK(path == file.string());
  CHECK(edit_file(path, set_a));
  CHECK(fs::is_symlink(scratch.path() / "link"));
  CHECK(contract::Scratch::read(file) == "A=2\n");
  CHECK(canonical_path((scratch.path() / "real/../none").string()) == (scratch.path() / "none").string());
}
