#include "framework/sys/lock.hpp"

#include <certctl/result.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <thread>

#include "framework/sys/subprocess.hpp"
#include "tests/contract/test_host.hpp"
#include "tests/unit/sys/child_process.hpp"

namespace fs = std::filesystem;
using namespace certctl;
using namespace certctl::sys;
using namespace std::chrono_literals;
using certctl::contract::Scratch;
using test::failure_code;
using test::failure_text;
using test::in_child;
using Steady = std::chrono::steady_clock;

namespace {

// A process that holds a lock until it is told to end or killed.
class Holder {
 public:
  explicit Holder(std::vector<std::string> words) {
    int to[2];
    int from[2];
    REQUIRE(::pipe2(to, O_CLOEXEC) == 0);
    REQUIRE(::pipe2(from, O_CLOEXEC) == 0);
    words.insert(words.begin(), LOCK_USER);
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(to[0], 0);
      ::dup2(from[1], 1);
      ::execv(LOCK_USER, arguments.data());
      ::_exit(99);
    }
    ::close(to[0]);
    ::close(from[1]);
    input_ = to[1];
    output_ = from[0];
    char letter = 0;
    while (::read(output_, &letter, 1) == 1 && letter != '\n') said += letter;
  }
  ~Holder() { end(SIGKILL); }
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;
  void end(int signal) {
    if (pid_ <= 0) return;
    if (signal != 0) ::kill(pid_, signal);
    ::close(input_);
    ::close(output_);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  [[nodiscard]] pid_t pid() const { return pid_; }
  std::string said;

 private:
  pid_t pid_ = -1;
  int input_ = -1;
  int output_ = -1;
};

ProcessRequest run_lock_user(const std::string& arguments, std::vector<std::string> environment = {}) {
  ProcessRequest request;
  request.command = {true, {std::string(LOCK_USER) + " " + arguments}};
  request.environment = std::move(environment);
  request.timeout = 20s;
  return request;
}

}  // namespace

TEST_CASE("threads of one process exclude one another, without a limit of time") {
  const Scratch scratch;
  const std::string path = scratch.path() / "lock";
  int counter = 0;  // the lock's alone: a race shows as a lost step
  std::atomic<int> inside{0};
  std::atomic<int> together{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int step = 0; step < 25; ++step) {
        const auto lock = FileLock::acquire(path, 0ms, "test");
        if (++inside != 1) ++together;
        ++counter;
        --inside;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(counter == 200);
  CHECK(together == 0);
}

TEST_CASE("another process is waited for, and named when it takes too long") {
  const Scratch scratch;
  const std::string path = scratch.path() / "lock";
  Holder holder({"profile", path});
  REQUIRE(holder.said == "locked");
  CHECK_FALSE(FileLock::try_acquire(path, "test").has_value());
  const auto begin = Steady::now();
  const std::string text = failure_text([&] { (void)FileLock::acquire(path, 300ms, "profile 'a'"); });
  const auto waited = Steady::now() - begin;
  CHECK(text.starts_with("profile 'a' is in use by pid " + std::to_string(holder.pid()) + " (profile 'x') | "));
  CHECK(waited >= 300ms);
  CHECK(waited < 3s);
  CHECK(lock_holder(path) == "pid " + std::to_string(holder.pid()) + " (profile 'x')");

  std::thread releaser([&] {
    std::this_thread::sleep_for(200ms);
    holder.end(0);
  });
  const auto lock = FileLock::acquire(path, 10s, "profile 'a'");
  CHECK(lock_holder(path) == "pid " + std::to_string(::getpid()) + " (profile 'a')");
  releaser.join();
}

TEST_CASE("a holder that is killed leaves no lock behind") {
  const Scratch scratch;
  const std::string path = scratch.path() / "lock";
  for (int round = 0; round < 20; ++round) {
    Holder holder({"profile", path});
    REQUIRE(holder.said == "locked");
    holder.end(SIGKILL);
    const auto begin = Steady::now();
    auto lock = FileLock::try_acquire(path, "test");
    REQUIRE(lock.has_value());
    CHECK(Steady::now() - begin < 2s);  // a busy machine
  }
  CHECK(lock_holder(path).empty());
}

TEST_CASE("many processes count without losing a step") {
  const Scratch scratch;
  const std::string path = scratch.path() / "lock";
  const fs::path counter = scratch.write("counter", "0");
  std::vector<pid_t> children;
  for (int i = 0; i < 6; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      for (int step = 0; step < 20; ++step) {
        const auto lock = FileLock::acquire(path, 30s, "test");
        const int value = std::stoi(Scratch::read(counter));
        scratch.write("counter", std::to_string(value + 1));
      }
      ::_exit(0);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 1;
    ::waitpid(child, &status, 0);
    CHECK(status == 0);
  }
  CHECK(Scratch::read(counter) == "120");
}

TEST_CASE("a lock file that is removed locks nobody out and nobody in") {
  const Scratch scratch;
  const std::string path = scratch.path() / "lock";
  std::optional<FileLock> old = FileLock::try_acquire(path, "old");
  REQUIRE(old.has_value());
  std::atomic<bool> got{false};
  std::thread waiter([&] {
    const auto lock = FileLock::acquire(path, 10s, "waiter");
    got = true;
    CHECK(lock_holder(path).find("waiter") != std::string::npos);  // the file that has the name, not the removed one
  });
  std::this_thread::sleep_for(50ms);
  CHECK_FALSE(got);
  fs::remove(path);
  old.reset();
  waiter.join();
  CHECK(got);
}

TEST_CASE("a lock does not leak into a command, which may outlive the holder") {
  const Scratch scratch;
  const std::string path = scratch.path() / "lock";
  ProcessRequest request;
  request.command = {true, {"sleep 30 >/dev/null 2>&1 & echo $!"}};
  request.environment = {"PATH=/usr/bin:/bin"};
  std::string daemon;
  {
    const auto lock = FileLock::acquire(path, 0ms, "test");
    daemon = run_process(request).output;
  }
  CHECK(FileLock::try_acquire(path, "test").has_value());
  ::kill(std::stoi(daemon), SIGKILL);
}

TEST_CASE("a script that calls certctl for a resource of its caller need not wait") {
  const Scratch scratch;
  const std::string locks = scratch.path() / "locks";
  const std::string resource = "file:" + (scratch.path() / "settings").string();
  const auto held = lock_resources(locks, {resource}, 0ms);
  REQUIRE(held.size() == 1);
  CHECK_FALSE(held[0].held_by_ancestor());
  const std::string told = held_locks_variable({held[0].token()});
  CHECK(told.starts_with("CERTCTL_HELD_LOCKS="));

  const auto inside = run_process(run_lock_user("resource " + locks + " " + resource, {told}));
  CHECK(inside.output == "held by ancestor\n");
  // What it was not told of is somebody else's: another profile in the caller's process.
  const auto untold = run_process(run_lock_user("resource " + locks + " " + resource));
  CHECK(untold.output.starts_with("busy: "));
  // A claim alone is not believed: the holder is no ancestor.
  Holder stranger({"resource", locks, "service:x"});
  REQUIRE(stranger.said == "locked");
  struct stat status {};
  REQUIRE(::stat((locks + "/" + resource_lock_name("service:x")).c_str(), &status) == 0);
  char token[64];
  std::snprintf(token, sizeof token, "CERTCTL_HELD_LOCKS=%jx-%jx", static_cast<std::uintmax_t>(status.st_dev),
                static_cast<std::uintmax_t>(status.st_ino));
  CHECK(run_process(run_lock_user("resource " + locks + " service:x", {token})).output.starts_with("busy: "));
}

TEST_CASE("a script of a profile that works on the same profile is refused at once") {
  const Scratch scratch;
  const std::string path = scratch.path() / "lock";
  const auto lock = FileLock::acquire(path, 0ms, "profile 'ipsec'");
  const auto begin = Steady::now();
  const auto inside = run_process(
      run_lock_user("profile " + path, {held_locks_variable({lock.token()}), "LOCK_USER_PATIENCE_MS=15000"}));
  CHECK(inside.output.find("which waits for this very command") != std::string::npos);
  CHECK(inside.output.starts_with("busy: "));
  CHECK(Steady::now() - begin < 5s);
}

TEST_CASE("resources are named by where they really are") {
  const Scratch scratch;
  scratch.write("d/f", "");
  fs::create_directory_symlink(scratch.path() / "d", scratch.path() / "link");
  const std::string d = scratch.path().string() + "/d";
  const std::string name = resource_lock_name("file:" + d + "/f");
  CHECK(name.size() == 21);
  CHECK(resource_lock_name("file:" + scratch.path().string() + "/link/../link/f") == name);
  CHECK(resource_lock_name("file:" + d + "/g") != name);
  CHECK(resource_lock_name("file:" + scratch.path().string() + "/link/new") ==
        resource_lock_name("file:" + d + "/new"));
  CHECK(resource_lock_name("file:/missing/a") != resource_lock_name("file:/missing/b"));
  CHECK(resource_lock_name("service:a") != resource_lock_name("service:b"));
}

TEST_CASE("sets of resources in any order never wait for one another crosswise") {
  const Scratch scratch;
  const std::string locks = scratch.path() / "locks";
  std::atomic<int> done{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int step = 0; step < 25; ++step) {
        std::vector<std::string> names{"service:a", "service:b", "service:c", "service:a"};
        std::rotate(names.begin(), names.begin() + i % 3, names.end());
        const auto held = lock_resources(locks, names, 30s);
        if (held.size() == 3) ++done;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(done == 100);
  CHECK(lock_resources(locks, {}, 0ms).empty());
}

TEST_CASE("a directory of locks that others could replace is refused") {
  const Scratch scratch;
  const fs::path open_to_all = scratch.path() / "open";
  fs::create_directory(open_to_all);
  fs::permissions(open_to_all, fs::perms(0777));
  CHECK(failure_code([&] { (void)lock_resources(open_to_all, {"service:a"}, 0ms); }) == "unsafe-directory");
  fs::permissions(open_to_all, fs::perms(01777));
  CHECK(lock_resources(open_to_all, {"service:a"}, 0ms).size() == 1);
  fs::create_directory_symlink(open_to_all, scratch.path() / "link");
  CHECK(failure_code([&] { (void)lock_resources(scratch.path() / "link", {"service:a"}, 0ms); }) == "unsafe-directory");
  const auto made = lock_resources(scratch.path() / "new" / "locks", {"service:a"}, 0ms);
  struct stat status {};
  REQUIRE(::stat((scratch.path() / "new" / "locks").c_str(), &status) == 0);
  CHECK((status.st_mode & 07777U) == 0700);
  // a planted link as lock file is not followed
  fs::create_symlink(scratch.path() / "victim", scratch.path() / "new" / "locks" / resource_lock_name("service:b"));
  CHECK(failure_code([&] { (void)lock_resources(scratch.path() / "new" / "locks", {"service:b"}, 0ms); }) ==
        "symbolic-link");
  CHECK_FALSE(fs::exists(scratch.path() / "victim"));
}
