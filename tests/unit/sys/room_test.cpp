#include "framework/sys/room.hpp"

#include <certctl/result.hpp>

#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/contract/test_host.hpp"

using namespace certctl;
using namespace certctl::contract;
namespace fs = std::filesystem;

namespace {

std::string code(const fs::path& directory, std::size_t bytes = 65536) {
  try {
    sys::require_room(directory.string(), bytes);
  } catch (const Failure& failure) {
    CHECK(failure.error().message.find("cannot") != std::string::npos);
    return failure.error().code;
  }
  return {};
}

}  // namespace

TEST_CASE("a place that can be written has room, and nothing is left there") {
  for (const auto where : {Scratch::Where::disk, Scratch::Where::memory}) {
    const Scratch scratch(where);
    CHECK(code(scratch.path()).empty());
    CHECK(code(scratch.path() / "new").empty());  // its owner will make it
    CHECK_FALSE(fs::exists(scratch.path() / "new"));
    CHECK(fs::is_empty(scratch.path()));
  }
}

TEST_CASE("a place that cannot be written says why") {
  const Scratch scratch;
  CHECK(code(scratch.path() / "missing" / "new") == "file-missing");
  scratch.write("file", "x");
  CHECK(code(scratch.path() / "file") == "file-missing");
  CHECK(code(scratch.path() / "file" / "new") == "file-missing");
  CHECK_FALSE(code("/proc").empty());
}
