// Bad plugins, one by one: each is refused with one clear line before its code runs, and the others work on.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <filesystem>

#include "framework/registry/descriptor_check.hpp"
#include "framework/registry/elf_file.hpp"
#include "framework/registry/registry.hpp"
#include "tests/contract/own_namespace.hpp"
#include "tests/unit/registry/plugin_directory.hpp"

using namespace certctl;
using namespace certctl::registry;
using test::PluginDirectory;
namespace fs = std::filesystem;

namespace {

struct Case {
  const char* built;
  const char* code;
  const char* words;
  bool code_runs = false;  // true only where nothing in the file could have told
};

const Case kCases[] = {
    {"no_section", "plugin-malformed", "it has no section certctl_plugin"},
    {"magic", "plugin-malformed", "its descriptor is damaged: it has another magic"},
    {"struct_size", "plugin-revision", "its descriptor has 80 bytes, this certctl expects "},
    {"kind", "plugin-malformed", "its descriptor is damaged: there is no kind 99"},
    {"distributor", "plugin-name", "it is a distributor, its file name says hook"},
    {"revision", "plugin-revision", "it is built for contract revision 999, this certctl has "},
    {"cxx11_abi", "plugin-revision", "it is built with _GLIBCXX_USE_CXX11_ABI=0"},
    {"pointer", "plugin-revision", "it is built for 32-bit programs"},
    {"openssl", "plugin-revision", "it is built for OpenSSL 1, this certctl uses 3"},
    {"dependency", "plugin-unloadable", "it cannot be loaded: undefined symbol: certctl_test_symbol_that_nobody_has"},
    {"no_symbol", "plugin-malformed", "it does not export certctl_plugin_v1", true},
    {"name", "plugin-malformed", "its name is not of the form [a-z0-9][a-z0-9_-]*", true},
    {"good", "plugin-name", "it calls itself hook 'good'", true},
};

Refusal only_refusal(Registry& registry) {
  const auto refusals = registry.refusals();
  REQUIRE(refusals.size() == 1);
  return refusals.front();
}

}  // namespace

TEST_CASE("a bad plugin is refused with one clear line, and the others work on") {
  for (const Case& bad : kCases) {
    DYNAMIC_SECTION(bad.built) {
      PluginDirectory directory;
      const std::string path = directory.place(bad.built, "hook_bad.so");
      Registry registry({directory.path()});
      CHECK(registry.list().size() == 2);  // the two in the program
      const Refusal refusal = only_refusal(registry);
      CHECK(refusal.path == path);
      CHECK(refusal.error.code == bad.code);
      CHECK(refusal.error.retry == RetryClass::never);
      CHECK_THAT(refusal.error.message, Catch::Contains(bad.words));
      CHECK(refusal.error.message.find('\n') == std::string::npos);
      CHECK(directory.code_ran() == bad.code_runs);
      CHECK(registry.find(Kind::hook, "first").name == "first");
      try {
        registry.find(Kind::hook, "bad");
        FAIL("found");
      } catch (const Failure& failure) {
        CHECK(failure.error().code == bad.code);
        CHECK(failure.error().message == "plugin " + path + " is not used: " + refusal.error.message);
      }
    }
  }
}

TEST_CASE("what is no shared object is refused") {
  PluginDirectory directory;
  const auto code_of = [&](const std::string& content) {
    directory.write("hook_bad.so", content);
    Registry registry({directory.path()});
    (void)registry.list();
    const Refusal refusal = only_refusal(registry);
    CHECK(refusal.error.code == "plugin-malformed");
    return refusal.error.message;
  };
  CHECK(code_of("") == "it is not a shared object");
  CHECK(code_of("#!/bin/sh\nexit 0\n") == "it is not a shared object");
  CHECK(code_of(std::string(100000, '\0')) == "it is not a shared object");
  CHECK(code_of("\x7f"
                "ELF") == "it is not a shared object");
  CHECK(code_of(contract::Scratch::read("/proc/self/exe").substr(0, 64)) != "");
  std::string other_machine = contract::Scratch::read(test::built_file("good"));
  other_machine[4] = sizeof(void*) == 8 ? 1 : 2;
  CHECK(code_of(other_machine) == "it is built for another kind of machine");
  CHECK_FALSE(directory.code_ran());
}

TEST_CASE("a directory, a link to nowhere and a pipe are no plugins, and nothing waits for them") {
  PluginDirectory directory;
  fs::create_directory(directory.file("hook_directory.so"));
  fs::create_symlink("nowhere", directory.file("hook_link.so"));
  REQUIRE(::mkfifo(directory.file("hook_pipe.so").c_str(), 0600) == 0);
  Registry registry({directory.path()});
  CHECK(registry.list().size() == 2);
  CHECK(registry.refusals().size() == 3);
}

namespace {

// A small plugin that is damaged in place, byte by byte.
class Damaged {
 public:
  Damaged() : path_(directory_.place("good", "hook_good.so")) {
    REQUIRE(std::system(("strip --strip-all " + path_).c_str()) == 0);
    whole_ = contract::Scratch::read(path_);
    file_ = ::open(path_.c_str(), O_RDWR | O_CLOEXEC);
    REQUIRE(file_ >= 0);
    REQUIRE_NOTHROW(read_descriptor_head(path_));
  }
  ~Damaged() {
    ::close(file_);
    CHECK_FALSE(directory_.code_ran());
  }
  Damaged(const Damaged&) = delete;
  Damaged& operator=(const Damaged&) = delete;

  [[nodiscard]] const std::string& whole() const { return whole_; }
  void cut(std::size_t size) const { REQUIRE(::ftruncate(file_, static_cast<off_t>(size)) == 0); }
  void put(std::size_t place, std::string_view bytes) const {
    REQUIRE(::pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(place)) ==
            static_cast<ssize_t>(bytes.size()));
  }
  void mend() const { put(0, whole_); }
  // Whether the file is refused, and with the right sort of failure.
  [[nodiscard]] bool refused() const {
    try {
      (void)read_descriptor_head(path_);
      return false;
    } catch (const Failure& failure) {
      CHECK(failure.error().retry == RetryClass::never);
      CHECK_FALSE(failure.error().message.empty());
      return true;
    }
  }

 private:
  PluginDirectory directory_;
  std::string path_;
  std::string whole_;
  int file_ = -1;
};

}  // namespace

TEST_CASE("a plugin that a power cut damaged is refused, wherever it was cut") {
  const Damaged file;
  const std::size_t size = file.whole().size();
  for (std::size_t cut = size - 1; cut > 0; cut -= std::min(cut, size / 50)) {
    file.cut(cut);
    CHECK(file.refused());
  }
  // The end was never written: zeros, as some file systems leave them.
  for (std::size_t kept = 64; kept < size; kept += size / 50) {
    file.mend();
    file.put(kept, std::string(size - kept, '\0'));
    CHECK(file.refused());
  }
}

TEST_CASE("damaged tables of a file never harm the reader") {
  const Damaged file;
  std::uint64_t table = 0;
  std::memcpy(&table, file.whole().data() + 40, sizeof(table));  // e_shoff of a 64-bit file
  if (sizeof(void*) != 8 || table >= file.whole().size()) {
    WARN("offsets are known for 64-bit files only");
    return;
  }
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < 64; ++i) places.push_back(i);
  for (std::size_t i = static_cast<std::size_t>(table); i < file.whole().size(); ++i) places.push_back(i);
  int read = 0;
  int refused = 0;
  for (const std::size_t place : places) {
    for (const char value : {'\0', '\x7f', '\xff'}) {
      file.put(place, {&value, 1});
      (file.refused() ? refused : read) += 1;
    }
    file.put(place, {&file.whole()[place], 1});
  }
  CHECK(refused > 100);
  CHECK(read > 100);
}

TEST_CASE("a file or directory that others can write to is not used") {
  PluginDirectory directory;
  const std::string file = directory.place("good", "hook_good.so");
  const std::string top = fs::path(directory.path()).parent_path().string();
  struct Place {
    std::string path;
    mode_t mode;
    bool refused;
  };
  const Place places[] = {
      {file, 0664, true},
      {file, 0646, true},
      {file, 0666, true},
      {file, 04755, false},
      {file, 0444, false},
      {directory.path(), 0775, true},
      {directory.path(), 0757, true},
      {directory.path(), 01777, true},  // sticky: others could still add
      {directory.path(), 0555, false},
      {top, 0775, true},
      {top, 0757, true},
      {top, 01777, false},  // sticky, above: what is ours stays ours
  };
  for (const Place& place : places) {
    DYNAMIC_SECTION(fs::path(place.path).filename().string() << " " << std::oct << place.mode) {
      struct stat before {};
      REQUIRE(::stat(place.path.c_str(), &before) == 0);
      REQUIRE(::chmod(place.path.c_str(), place.mode) == 0);
      Registry registry({directory.path()});
      (void)registry.list();
      CHECK(directory.code_ran() != place.refused);
      if (place.refused) {
        const Refusal refusal = only_refusal(registry);
        CHECK(refusal.error.code == "plugin-unsafe");
        CHECK_THAT(refusal.error.message, Catch::StartsWith(place.path + " is writable by others than its owner"));
        CHECK(refusal.error.hint == "take that away: chmod go-w " + place.path);
        try {
          registry.find(Kind::hook, "good");
          FAIL("found");
        } catch (const Failure& failure) {
          CHECK_THAT(failure.error().message + failure.error().hint, Catch::Contains("is writable by others"));
        }
      }
      REQUIRE(::chmod(place.path.c_str(), before.st_mode & 07777U) == 0);
    }
  }
}

TEST_CASE("a file, directory or link of another user is not used") {
  if (!contract::as_root_with(contract::Need::users)) return;
  PluginDirectory directory;
  const std::string file = directory.place("good", "hook_good.so");
  const std::string top = fs::path(directory.path()).parent_path().string();
  for (const std::string& path : {file, directory.path(), top}) {
    DYNAMIC_SECTION(fs::path(path).filename().string()) {
      REQUIRE(::chown(path.c_str(), 54321, 0) == 0);
      Registry registry({directory.path()});
      (void)registry.list();
      const Refusal refusal = only_refusal(registry);
      CHECK(refusal.error.code == "plugin-unsafe");
      CHECK_THAT(refusal.error.message, Catch::StartsWith(path + " belongs to user 54321"));
      CHECK_FALSE(directory.code_ran());
      REQUIRE(::chown(path.c_str(), 0, 0) == 0);
    }
  }
  SECTION("link") {
    const std::string link = top + "/link";
    fs::create_directory_symlink(directory.path(), link);
    {
      Registry registry({link});
      CHECK(registry.find(Kind::hook, "good").path == file);
    }
    REQUIRE(::lchown(link.c_str(), 54321, 0) == 0);
    Registry registry({link});
    CHECK_THROWS_AS(registry.find(Kind::hook, "good"), Failure);
    CHECK_THAT(only_refusal(registry).error.message, Catch::StartsWith(link + " belongs to user 54321"));
  }
}

TEST_CASE("a link is followed, and every place that it leads through is looked at") {
  PluginDirectory directory;
  const std::string top = fs::path(directory.path()).parent_path().string();
  fs::create_directories(top + "/open/safe");
  const std::string real = directory.place("good", "real.so");
  fs::rename(real, top + "/open/safe/real.so");
  fs::create_symlink("../open/./safe/../safe/real.so", directory.file("hook_good.so"));
  SECTION("safe") {
    Registry registry({directory.path()});
    CHECK(registry.find(Kind::hook, "good").path == top + "/open/safe/real.so");
  }
  SECTION("open") {
    REQUIRE(::chmod((top + "/open").c_str(), 0777) == 0);
    Registry registry({directory.path()});
    CHECK_THROWS_AS(registry.find(Kind::hook, "good"), Failure);
    CHECK_THAT(only_refusal(registry).error.message, Catch::StartsWith(top + "/open is writable by others"));
    CHECK_FALSE(directory.code_ran());
  }
  SECTION("round and round") {
    fs::create_directory_symlink("round", top + "/round");
    Registry registry({top + "/round"});
    CHECK(registry.list().size() == 2);
    CHECK(only_refusal(registry).error.message == top + "/round has too many symbolic links");
  }
}

TEST_CASE("a directory that is not absolute is not used, one that is missing has no plugins") {
  Registry registry({"plugins", "/nonexistent/certctl"});
  CHECK(registry.list().size() == 2);
  const Refusal refusal = only_refusal(registry);
  CHECK(refusal.path == "plugins");
  CHECK(refusal.error.message == "'plugins' is not an absolute path");
}
