// Who may read what, and a file system that takes nothing.
#include "plugins/stores/scepclient/test_store.hpp"
#include "tests/contract/own_namespace.hpp"
#include "tests/fault/store_invariants.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace certctl;
using namespace certctl::scepclient;
using namespace certctl::scepclient::test;

namespace {

mode_t mode_of(const fs::path& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return 0;
  return status.st_mode & 07777U;
}

// A file system in memory, in place of the directory.
class SmallDisk {
 public:
  SmallDisk(fs::path path, const char* options) : path_(std::move(path)) {
    REQUIRE(::mount("tmpfs", path_.c_str(), "tmpfs", 0, options) == 0);
  }
  ~SmallDisk() { ::umount2(path_.c_str(), MNT_DETACH); }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

 private:
  fs::path path_;
};

}  // namespace

TEST_CASE("keys are private and certificates readable whatever the umask") {
  if (!contract::as_root_with(contract::Need::users)) return;
  const Scratch scratch;
  const fs::path path = scratch.path / "store";
  for (const mode_t mask : {mode_t{0}, mode_t{0777}}) {
    fs::remove_all(path);
    const mode_t before = ::umask(mask);
    Opened opened(path);
    opened.store.put(credential("one"));
    opened.store.activate(1);
    ::umask(before);
    CHECK(mode_of(path) == 0755);
    CHECK(mode_of(path / ".generations/1") == 0755);
    CHECK(mode_of(path / (std::string(kOneSerial) + ".key")) == 0600);
    CHECK(mode_of(path / (std::string(kOneSerial) + ".crt")) == 0644);
    CHECK(mode_of(path / ".generations/1/chain.pem") == 0644);
    CHECK(mode_of(path / ".certctl-owner") == 0644);
  }
  const pid_t child = ::fork();
  if (child == 0) {
    // An unprivileged reader gets the certificate and not the key.
    if (::setgid(65534) != 0 || ::setuid(65534) != 0) ::_exit(9);
    const bool certificate = ::open((path / "latest.crt").c_str(), O_RDONLY) >= 0;
    const bool key = ::open((path / "latest.key").c_str(), O_RDONLY) >= 0;
    ::_exit((certificate ? 0 : 1) + (key ? 2 : 0));
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("a group that may read the keys is set before the content is there") {
  if (!contract::as_root_with(contract::Need::users)) return;
  const Scratch scratch;
  const fs::path path = scratch.path / "store";
  TestHost host("ipsec");
  Options options = options_for(path);
  options.set("owner", std::string("65534"));
  options.set("group", std::string("65534"));
  ScepclientStore store(options, host);
  store.put(credential("one"));
  struct stat status {};
  REQUIRE(::stat((path / (std::string(kOneSerial) + ".key")).c_str(), &status) == 0);
  CHECK((status.st_mode & 07777U) == 0640);
  CHECK(status.st_uid == 65534);
  CHECK(status.st_gid == 65534);
}

TEST_CASE("a full disk is said, and loses nothing") {
  if (!contract::as_root_with(contract::Need::mounts)) return;
  const Scratch scratch;
  const SmallDisk disk(scratch.path, "size=128k");
  const fs::path path = scratch.path / "store";
  {
    Opened opened(path);
    opened.store.put(credential("three"));
    opened.store.activate(1);
  }
  // Every level of fullness down to none, then room again.
  for (int free_pages = 0; free_pages < 16; ++free_pages) {
    write(scratch.path / "filler", "");
    std::string block(4096, 'x');
    {
      std::ofstream filler(scratch.path / "filler", std::ios::binary);
      while (filler.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
      }
    }
    std::error_code ignored;
    const auto size = fs::file_size(scratch.path / "filler", ignored);
    const auto room = static_cast<std::uintmax_t>(free_pages) * 4096;
    fs::resize_file(scratch.path / "filler", size > room ? size - room : 0);
    Opened opened(path);
    const std::string code = code_of([&] {
      const int number = opened.store.put(credential("one"));
      opened.store.activate(number);
    });
    CHECK((code.empty() || code == "store-full"));
    if (free_pages == 0) CHECK(code == "store-full");
    CHECK(fault::store_problem(path, {}) == "");
    fs::remove(scratch.path / "filler");
    if (code.empty()) break;
  }
  Opened opened(path);
  const int number = opened.store.put(credential("one"));
  opened.store.activate(number);
  opened.store.prune(3, {});
  CHECK(fault::store_problem(path, {true, true}) == "");
}

TEST_CASE("a read-only store can be read, and says why it cannot be written") {
  if (!contract::as_root_with(contract::Need::mounts)) return;
  const Scratch scratch;
  const SmallDisk disk(scratch.path, "size=1m");
  const fs::path path = scratch.path / "store";
  Opened opened(path);
  opened.store.put(credential("one"));
  opened.store.activate(1);
  REQUIRE(::mount(nullptr, scratch.path.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0);
  CHECK(opened.store.active()->whole);
  CHECK(opened.store.read(1).serial == kOneSerial);
  CHECK(code_of([&] { opened.store.put(credential("two")); }) == "store-unwritable");
  CHECK(code_of([&] { opened.store.activate(1); }).empty());
  CHECK(opened.store.prune(3, {}).empty());
}
