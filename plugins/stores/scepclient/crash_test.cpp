// kill -9 on entry of every system call of what a renewal does with the store, judged by a checker that shares no code
// with it. The campaign first has to find planted faults.
#include "plugins/stores/scepclient/test_store.hpp"
#include "tests/fault/kill_points.hpp"
#include "tests/fault/store_invariants.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

using namespace certctl;
using namespace certctl::scepclient;
using namespace certctl::scepclient::test;

namespace {

void put_and_activate(const fs::path& path, const char* name, int keep) {
  Opened opened(path);
  opened.store.activate(opened.store.put(credential(name)));
  opened.store.prune(keep, {});
}

// The store as it was, without doing it all again.
void restore(const fs::path& copy, const fs::path& path) {
  fs::remove_all(path);
  fs::copy(copy, path, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
}

// A store on which a switch, a removal and more CA certificates than before follow.
void make_store_before_switch(const fs::path& path) {
  fs::remove_all(path);
  Opened opened(path);
  Credential first = credential("one");
  first.ca_set_pem.resize(1);
  opened.store.put(first);
  opened.store.activate(opened.store.put(credential("two")));
}

}  // namespace

TEST_CASE("the campaign finds planted faults") {
  const Scratch scratch(Scratch::Where::memory);
  const fs::path path = scratch.path / "store";
  const auto prepare = [&] {
    make_store_before_switch(path);
    fs::copy_file(data() / "four.key", path / "04.key", fs::copy_options::overwrite_existing);
    fs::copy_file(data() / "four.crt", path / "04.crt", fs::copy_options::overwrite_existing);
    fs::permissions(path / "04.key", fs::perms(0600));
  };
  const auto check = [&] { return fault::store_problem(path, {}); };
  const auto switch_link = [&](const char* target, const char* name) {
    ::unlink((path / "temporary").c_str());
    if (::symlink(target, (path / "temporary").c_str()) != 0) throw std::runtime_error("symlink");
    if (::rename((path / "temporary").c_str(), (path / name).c_str()) != 0) throw std::runtime_error("rename");
  };
  SECTION("two links switched one after the other") {
    const auto campaign = fault::kill_everywhere(
        prepare,
        [&] {
          switch_link("04.key", "latest.key");
          switch_link("04.crt", "latest.crt");
        },
        check);
    CHECK(campaign.bad > 0);
    CHECK(campaign.first_bad.find("belong together") != std::string::npos);
  }
  SECTION("a link removed before it is made again") {
    const auto campaign = fault::kill_everywhere(
        prepare,
        [&] {
          ::unlink((path / ".active").c_str());
          if (::symlink(".generations/1", (path / ".active").c_str()) != 0) throw std::runtime_error("symlink");
        },
        check);
    CHECK(campaign.bad > 0);
  }
  SECTION("a key whose mode is set after its content") {
    const auto campaign = fault::kill_everywhere(
        prepare,
        [&] {
          ::umask(0);
          const int file = ::open((path / "new.key").c_str(), O_WRONLY | O_CREAT, 0666);
          const std::string key = content_of(data() / "four.key");
          if (::write(file, key.data(), key.size()) < 0) throw std::runtime_error("write");
          ::fchmod(file, 0600);
          ::close(file);
        },
        check);
    CHECK(campaign.bad > 0);
    CHECK(campaign.first_bad.find("open to others") != std::string::npos);
  }
  SECTION("a temporary file that the next run trips over") {
    const auto careless = [&] {
      const int file = ::open((path / "next.tmp").c_str(), O_WRONLY | O_CREAT | O_EXCL, 0600);
      if (file < 0) throw std::runtime_error("left over");
      ::close(file);
      ::unlink((path / "next.tmp").c_str());
    };
    const auto campaign = fault::kill_everywhere(prepare, careless, [&]() -> std::string {
      try {
        careless();
      } catch (const std::exception& failure) {
        return failure.what();
      }
      return "";
    });
    CHECK(campaign.bad > 0);
  }
}

TEST_CASE("kill -9 on entry of every system call of put, activate and prune") {
  const Scratch scratch(Scratch::Where::memory);
  const fs::path path = scratch.path / "store";
  make_store_before_switch(scratch.path / "copy");
  const std::string old_pair = fault::fingerprint_of_file(data() / "two.crt");
  const std::string new_pair = fault::fingerprint_of_file(data() / "three.crt");
  const auto campaign =
      fault::kill_everywhere([&] { make_store_before_switch(path); }, [&] { put_and_activate(path, "three", 1); },
                             [&]() -> std::string {
                               if (std::string problem = fault::store_problem(path, {}); !problem.empty())
                                 return problem;
                               const std::string now = fault::fingerprint_of_file(path / "latest.crt");
                               if (now != old_pair && now != new_pair)
                                 return "latest.crt is neither the old nor the new certificate";
                               const auto active = Opened(path).store.active();
                               if (!active || !active->whole) return "active() sees no whole pair";
                               put_and_activate(path, "three", 1);
                               if (fault::fingerprint_of_file(path / "latest.crt") != new_pair)
                                 return "the next run did not complete";
                               if (Opened(path).store.list().size() != 1) return "the next run did not prune";
                               return fault::store_problem(path, {true, true});
                             });
  INFO(campaign.first_bad);
  CHECK(campaign.bad == 0);
  CHECK(campaign.points > 60);
}

TEST_CASE("kill -9 on entry of every system call of a first enrollment") {
  const Scratch scratch(Scratch::Where::memory);
  const fs::path path = scratch.path / "store";
  const auto campaign =
      fault::kill_everywhere([&] { fs::remove_all(path); }, [&] { put_and_activate(path, "three", 3); },
                             [&]() -> std::string {
                               if (std::string problem = fault::store_problem(path, {false, false}); !problem.empty())
                                 return problem;
                               put_and_activate(path, "three", 3);
                               if (Opened(path).store.list().size() != 1)
                                 return "more than one generation of one certificate";
                               return fault::store_problem(path, {true, true});
                             });
  INFO(campaign.first_bad);
  CHECK(campaign.bad == 0);
  CHECK(campaign.points > 40);
}

TEST_CASE("kill -9 twice: in a run and in the run that follows it") {
  const Scratch scratch(Scratch::Where::memory);
  const fs::path path = scratch.path / "store";
  make_store_before_switch(scratch.path / "copy");
  std::size_t bad = 0;
  std::size_t tried = 0;
  const auto work = [&] { put_and_activate(path, "three", 1); };
  for (std::size_t first = 2;; first += 7) {
    bool ended = false;
    for (std::size_t second = 1;; second += 11) {
      restore(scratch.path / "copy", path);
      ended = !fault::kill_at(first, work).killed;
      const bool second_ended = !fault::kill_at(second, work).killed;
      ++tried;
      if (!fault::store_problem(path, {}).empty()) ++bad;
      work();
      if (!fault::store_problem(path, {true, true}).empty()) ++bad;
      if (second_ended) break;
    }
    if (ended) break;
  }
  CHECK(bad == 0);
  CHECK(tried > 50);
}

// tests/fault/power_cut_test records what this does.
TEST_CASE("the store's work for the power-cut test", "[.]") {
  const char* path = std::getenv("CERTCTL_POWER_CUT_STORE");
  const char* step = std::getenv("CERTCTL_POWER_CUT_STEP");
  REQUIRE(path != nullptr);
  REQUIRE(step != nullptr);
  if (std::string(step) == "prepare") {
    make_store_before_switch(path);
  } else {
    put_and_activate(path, "three", 1);
  }
  CHECK(fault::store_problem(path, {true, true}) == "");
}
