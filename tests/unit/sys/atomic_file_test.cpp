#include "framework/sys/atomic_file.hpp"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "framework/sys/file_descriptor.hpp"
#include "tests/contract/own_namespace.hpp"
#include "tests/contract/test_host.hpp"
#include "tests/unit/sys/child_process.hpp"

namespace fs = std::filesystem;
using namespace certctl;
using namespace certctl::sys;
using certctl::contract::Scratch;
using test::failure_code;
using test::failure_text;
using test::in_child;
using test::mode_of;

namespace {

std::set<std::string> names_in(const fs::path& directory) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory)) names.insert(entry.path().filename().string());
  return names;
}

}  // namespace

TEST_CASE("a file is written whole, with its mode whatever the umask") {
  const Scratch scratch;
  const std::string path = scratch.path() / "f";
  const mode_t before = ::umask(077);
  replace_file(path, "one", 0644);
  ::umask(before);
  CHECK(Scratch::read(path) == "one");
  CHECK(mode_of(path) == 0644);
  replace_file(path, "two", 0600);
  CHECK(Scratch::read(path) == "two");
  CHECK(mode_of(path) == 0600);
  CHECK(names_in(scratch.path()) == std::set<std::string>{"f"});
}

TEST_CASE("a reader never sees anything but one of the whole contents") {
  const Scratch scratch;
  const std::string path = scratch.path() / "f";
  const std::string a(20000, 'a');
  const std::string b(30000, 'b');
  replace_file(path, a, 0600);
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0};
  std::atomic<int> read{0};
  std::thread reader([&] {
    while (!stop) {
      const std::string seen = read_file(path, 100000);
      if (seen != a && seen != b) ++wrong;
      ++read;
    }
  });
  for (int i = 0; i < 200; ++i) replace_file(path, i % 2 == 0 ? b : a, 0600);
  stop = true;
  reader.join();
  CHECK(wrong == 0);
  CHECK(read > 0);
}

TEST_CASE("a full disk leaves the old file and nothing else") {
  const Scratch scratch;
  const std::string disk = scratch.path().string();
  CHECK(in_child([&] {
          test::mount_small_disk(disk, 64);
          const std::string path = disk + "/f";
          replace_file(path, "old", 0600);
          const std::string code = failure_code([&] { replace_file(path, std::string(200'000, 'x'), 0600); });
          const std::string reserve = failure_code([&] { reserve_file(disk + "/r", 200'000); });
          const std::string made = failure_code([&] { (void)create_file(disk + "/new", std::string(200'000, 'x')); });
          std::string names;
          for (const auto& name : names_in(disk)) names += " " + name;
          return code + " " + reserve + " " + made + " " + read_file(path, 10) + names;
        }) == "disk-full disk-full disk-full old f");
}

TEST_CASE("reserved space is there when the disk is full otherwise") {
  const Scratch scratch;
  const std::string disk = scratch.path().string();
  CHECK(in_child([&] {
          test::mount_small_disk(disk, 128);
          reserve_file(disk + "/reserve", 64 * 1024);
          std::ofstream(disk + "/hog") << std::string(200'000, 'x');
          const std::string before = failure_code([&] { replace_file(disk + "/f", std::string(40'000, 'y'), 0600); });
          remove_file(disk + "/reserve");
          replace_file(disk + "/f", std::string(40'000, 'y'), 0600);
          return before + " " + std::to_string(read_file(disk + "/f", 100'000).size());
        }) == "disk-full 40000");
}

TEST_CASE("a limit of file sizes is a failure, not a signal's death or half a file") {
  const Scratch scratch;
  const std::string path = scratch.path() / "f";
  replace_file(path, "old", 0600);
  CHECK(in_child([&] {
          std::signal(SIGXFSZ, SIG_IGN);
          const rlimit limit{10'000, 10'000};
          ::setrlimit(RLIMIT_FSIZE, &limit);
          return failure_code([&] { replace_file(path, std::string(20'000, 'x'), 0600); });
        }) == "disk-full");
  CHECK(Scratch::read(path) == "old");
  CHECK(names_in(scratch.path()) == std::set<std::string>{"f"});
}

TEST_CASE("what may not be written says so and how to mend it") {
  const Scratch scratch;
  const fs::path directory = scratch.path() / "d";
  fs::create_directory(directory);
  replace_file(directory / "f", "old", 0644);
  fs::permissions(directory, fs::perms(0555));
  fs::permissions(scratch.path(), fs::perms(0755));
  const std::string text = in_child([&] {
    test::become_nobody();
    return failure_code([&] { replace_file(directory / "f", "new", 0644); }) + " " +
           failure_text([&] { replace_file(directory / "f", "new", 0644); });
  });
  CHECK(text.starts_with("permission-denied cannot write " + directory.string() + "/f: permission denied | run as"));
  fs::permissions(directory, fs::perms(0700));
  CHECK(Scratch::read(directory / "f") == "old");
  CHECK(failure_code([] { replace_file("/proc/certctl-test", "x", 0600); }) != "nothing");
  CHECK(failure_code([&] { replace_file(scratch.path() / "missing" / "f", "x", 0600); }) == "file-missing");
  CHECK(failure_code([&] { replace_file(scratch.path().string() + "/", "x", 0600); }) == "bad-path");
  CHECK(failure_code([&] { replace_file(directory, "x", 0600); }) == "not-a-file");
}

TEST_CASE("links are replaced or refused, never followed by a writer") {
  const Scratch scratch;
  const fs::path victim = scratch.write("victim", "untouched");
  const fs::path link = scratch.path() / "link";
  fs::create_symlink(victim, link);
  replace_file(link, "mine", 0600);
  CHECK(Scratch::read(victim) == "untouched");
  CHECK_FALSE(fs::is_symlink(link));

  fs::remove(link);
  fs::create_symlink(victim, link);
  CHECK_FALSE(create_file(link, "mine"));
  CHECK(Scratch::read(victim) == "untouched");
  fs::remove(link);
  fs::create_symlink(scratch.path() / "nowhere", link);
  CHECK_FALSE(create_file(link, "mine"));
  CHECK_FALSE(fs::exists(scratch.path() / "nowhere"));

  CHECK(failure_code([&] { (void)read_file(link, 100, Links::refuse); }) == "symbolic-link");
  fs::remove(link);
  fs::create_symlink(victim, link);
  CHECK(failure_code([&] { (void)read_file(link, 100, Links::refuse); }) == "symbolic-link");
  CHECK(read_file(link, 100) == "untouched");
}

TEST_CASE("a file is created once, by one of many") {
  const Scratch scratch;
  const std::string path = scratch.path() / "key";
  std::atomic<int> winners{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      if (create_file(path, "key " + std::to_string(i))) ++winners;
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(winners == 1);
  CHECK(mode_of(path) == 0600);
  CHECK(Scratch::read(path).starts_with("key "));
  CHECK(names_in(scratch.path()) == std::set<std::string>{"key"});
}

TEST_CASE("mode, owner and attributes of the replaced file stay when asked for") {
  if (!contract::as_root_with(contract::Need::users)) return;
  const Scratch scratch;
  const fs::path path = scratch.write("settings", "a=1\n", 0640);
  const bool attributes = ::setxattr(path.c_str(), "user.certctl", "kept", 4, 0) == 0;
  REQUIRE(::chown(path.c_str(), 1234, 4321) == 0);
  WriteOptions options;
  options.like_existing = true;
  replace_file(path, "a=2\n", options);
  CHECK(mode_of(path) == 0640);
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK(status.st_uid == 1234);
  CHECK(status.st_gid == 4321);
  if (attributes) {
    char value[16] = {};
    CHECK(::getxattr(path.c_str(), "user.certctl", value, sizeof value) == 4);
    CHECK(std::string(value) == "kept");
  }
  CHECK(Scratch::read(path) == "a=2\n");
}

TEST_CASE("an owner that can't be set is a failure before any content") {
  const Scratch scratch;
  fs::permissions(scratch.path(), fs::perms(0777));
  CHECK(in_child([&] {
          test::become_nobody();
          WriteOptions options;
          options.owner = 1;
          return failure_code([&] { replace_file(scratch.path() / "f", "x", options); });
        }) == "permission-denied");
  CHECK(names_in(scratch.path()).empty());
}

TEST_CASE("a file that somebody else changed since it was read is not replaced") {
  const Scratch scratch;
  const fs::path path = scratch.write("settings", "a=1\n");
  WriteOptions options;
  FileVersion version;
  (void)read_file(path, 100, Links::follow, &version);
  options.only_if = version;
  scratch.write("settings", "b=1\n");
  CHECK(failure_code([&] { replace_file(path, "a=2\n", options); }) == "changed-meanwhile");
  CHECK(Scratch::read(path) == "b=1\n");
  (void)read_file(path, 100, Links::follow, &version);
  options.only_if = version;
  replace_file(path, "b=2\n", options);
  CHECK(Scratch::read(path) == "b=2\n");
  CHECK(names_in(scratch.path()) == std::set<std::string>{"settings"});
}

TEST_CASE("reading takes regular files of a bounded size only, and waits for nothing") {
  const Scratch scratch;
  const fs::path fifo = scratch.path() / "fifo";
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  CHECK(failure_code([&] { (void)read_file(fifo, 100); }) == "not-a-file");
  CHECK(failure_code([&] { (void)read_file(scratch.path(), 100); }) == "not-a-file");
  CHECK(failure_code([&] { (void)read_file("/dev/zero", 100); }) == "not-a-file");
  const fs::path path = scratch.write("f", std::string(100, 'x'));
  CHECK(read_file(path, 100).size() == 100);
  CHECK(failure_code([&] { (void)read_file(path, 99); }) == "too-large");
  CHECK(failure_code([&] { (void)read_file(scratch.path() / "no", 99); }) == "file-missing");
  CHECK_FALSE(read_file_if_exists(scratch.path() / "no", 99).has_value());
  CHECK_FALSE(read_file_if_exists(path / "below", 99).has_value());
  CHECK(read_file("/proc/self/stat", 10000).size() > 10);  // says size 0
}

TEST_CASE("a FIFO or a directory in the writer's way is no trap") {
  const Scratch scratch;
  const fs::path fifo = scratch.path() / "fifo";
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  WriteOptions options;
  options.like_existing = true;
  replace_file(fifo, "x", options);
  CHECK(fs::is_regular_file(fifo));
  CHECK(mode_of(fifo) == 0600);
}

TEST_CASE("temporary names are recognised, and only left-overs go") {
  CHECK(is_temporary_name(".settings.ipsec.certctl-a1b2c3"));
  CHECK_FALSE(is_temporary_name("settings.ipsec.certctl-a1b2c3"));
  CHECK_FALSE(is_temporary_name(".settings.certctl-a1b2c"));
  CHECK_FALSE(is_temporary_name(".settings.certctl-A1b2c3"));
  CHECK_FALSE(is_temporary_name(".certctl-a1b2c3"));
  const Scratch scratch;
  for (const char* name : {".f.certctl-abcdef", ".g.certctl-abcdef", ".f.certctl-abcde", "f", ".f.x.certctl-abcdef"}) {
    scratch.write(name, "");
  }
  CHECK(remove_left_overs(scratch.path(), "f") == 1);
  CHECK(names_in(scratch.path()) ==
        std::set<std::string>{"f", ".f.certctl-abcde", ".g.certctl-abcdef", ".f.x.certctl-abcdef"});
  CHECK(remove_left_overs(scratch.path()) == 2);
  CHECK(names_in(scratch.path()) == std::set<std::string>{"f", ".f.certctl-abcde"});
  CHECK(remove_left_overs(scratch.path() / "missing") == 0);
}

TEST_CASE("a writer that is killed leaves the old file whole, and a left-over that goes") {
  const Scratch scratch;
  const std::string path = scratch.path() / "f";
  replace_file(path, "old", 0600);
  int left_overs = 0;
  for (int round = 0; round < 30; ++round) {
    const pid_t child = ::fork();
    if (child == 0) {
      for (;;) replace_file(path, std::string(100'000, 'x'), 0600);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(3 + round % 7));
    ::kill(child, SIGKILL);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0) {
    }
    const std::string now = read_file(path, 200'000);
    CHECK((now == "old" || now == std::string(100'000, 'x')));
    left_overs += remove_left_overs(scratch.path(), "f");
    CHECK(names_in(scratch.path()) == std::set<std::string>{"f"});
  }
  CHECK(left_overs > 0);  // else nothing was tried
}

TEST_CASE("the longest file name can be written too") {
  const Scratch scratch;
  const std::string name(255, 'n');
  replace_file(scratch.path() / name, "x", 0600);
  CHECK(Scratch::read(scratch.path() / name) == "x");
  CHECK(failure_code([&] { replace_file(scratch.path() / (name + "n"), "x", 0600); }) == "system-error");
}

TEST_CASE("a link is switched without an instant in which it is missing") {
  const Scratch scratch;
  const std::string path = scratch.path() / "current";
  replace_link(path, "1");
  std::atomic<bool> stop{false};
  std::atomic<int> missing{0};
  std::thread reader([&] {
    while (!stop) {
      std::error_code error;
      const fs::path target = fs::read_symlink(path, error);
      if (error || (target != "1" && target != "2")) ++missing;
    }
  });
  for (int i = 0; i < 300; ++i) replace_link(path, i % 2 == 0 ? "2" : "1");
  stop = true;
  reader.join();
  CHECK(missing == 0);
  fs::create_directory(scratch.path() / "d");
  CHECK(failure_code([&] { replace_link(scratch.path() / "d", "1"); }) == "not-a-file");
}

TEST_CASE("renaming and removing") {
  const Scratch scratch;
  scratch.write("a/f", "x");
  fs::create_directory(scratch.path() / "b");
  rename_durably(scratch.path() / "a" / "f", scratch.path() / "b" / "g");
  CHECK(Scratch::read(scratch.path() / "b" / "g") == "x");
  CHECK(failure_code([&] { rename_durably(scratch.path() / "a" / "f", scratch.path() / "x"); }) == "file-missing");
  remove_file(scratch.path() / "b" / "g");
  remove_file(scratch.path() / "b" / "g");
  CHECK(names_in(scratch.path() / "b").empty());
  fsync_directory(scratch.path());
}

TEST_CASE("a file system in memory is told from one on a disk") {
  CHECK_FALSE(is_volatile_filesystem(CERTCTL_SOURCE_DIR));
  const Scratch scratch;
  CHECK(in_child([&] {
          test::mount_small_disk(scratch.path(), 64);
          return std::string(is_volatile_filesystem(scratch.path() / "not" / "there") ? "volatile" : "lasting");
        }) == "volatile");
}
