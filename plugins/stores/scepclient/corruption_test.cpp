// Every kind of damage to every file of a store: said exactly, nothing deleted, the rest still usable.
#include "plugins/stores/scepclient/test_store.hpp"
#include "tests/fault/store_invariants.hpp"

#include <sys/stat.h>

#include <map>

using namespace certctl;
using namespace certctl::scepclient;
using namespace certctl::scepclient::test;

namespace {

// Three generations, the last one active.
void make_store_of_three(const fs::path& path) {
  fs::remove_all(path);
  Opened opened(path);
  for (const char* name : {"three", "four", "five"}) opened.store.put(credential(name));
  opened.store.activate(3);
}

std::map<std::string, std::string> picture(const fs::path& path) {
  std::map<std::string, std::string> result;
  for (const auto& entry : fs::recursive_directory_iterator(path)) {
    const std::string name = entry.path().lexically_relative(path).string();
    if (entry.is_symlink())
      result[name] = "link " + fs::read_symlink(entry.path()).string();
    else if (fs::is_regular_file(entry.symlink_status()))
      result[name] = content_of(entry.path());
    else
      result[name] = "other";
  }
  return result;
}

}  // namespace

TEST_CASE("one instance sees damage and repair, whatever it has read before") {
  const Scratch scratch;
  const fs::path path = scratch.path / "store";
  make_store_of_three(path);
  const fs::path key = path / "05.key";
  const std::string text = content_of(key);
  Opened opened(path);
  REQUIRE(opened.store.active()->whole);
  CHECK(opened.store.read(3).key.pem.reveal() == text);
  write(key, content_of(path / "04.key"));
  CHECK_THROWS_AS(opened.store.read(3), Failure);
  CHECK_FALSE(opened.store.active()->whole);
  CHECK_THROWS_AS(opened.store.read(3), Failure);
  write(key, text);
  CHECK(opened.store.read(3).key.pem.reveal() == text);
  // Another generation was looked at last.
  REQUIRE(opened.store.active()->number == 3);
  CHECK(opened.store.read(2).serial == "04");
  // A switch, or a new chain, between the look and the reading.
  REQUIRE(opened.store.active()->number == 3);
  Credential five = credential("five");
  REQUIRE_FALSE(five.chain_pem.empty());
  five.chain_pem.clear();
  REQUIRE(opened.store.put(five) == 3);
  CHECK(opened.store.read(3).chain_pem.empty());
}

TEST_CASE("damage to the active pair is said, whatever it is, and nothing is deleted") {
  const Scratch scratch;
  const fs::path path = scratch.path / "store";
  const fs::path key = path / "05.key";
  const fs::path crt = path / "05.crt";
  const fs::path generation = path / ".generations/3";
  const auto relink = [](const fs::path& link, const fs::path& target) {
    fs::remove_all(link);
    fs::create_symlink(target, link);
  };
  struct Case {
    const char* what;
    std::function<void()> damage;
    const char* words;
  };
  const std::vector<Case> cases = {
      {"key truncated to nothing", [&] { fs::resize_file(key, 0); }, "key leads to 05.key, which is empty"},
      {"key cut in half", [&] { fs::resize_file(key, fs::file_size(key) / 2); }, "key"},
      {"key replaced by garbage", [&] { write(key, std::string(500, '\x01')); }, "key"},
      {"key missing", [&] { fs::remove(key); }, "05.key, which is missing"},
      {"key of another pair", [&] { write(key, content_of(path / "04.key")); }, "do not belong together"},
      {"key is a directory", [&] { fs::remove(key), fs::create_directory(key); }, "not a regular file"},
      {"key is a FIFO", [&] { fs::remove(key), ::mkfifo(key.c_str(), 0600); }, "not a regular file"},
      {"key is huge", [&] { fs::resize_file(key, 2U << 20U); }, "larger than 1 MiB"},
      {"certificate truncated to nothing", [&] { fs::resize_file(crt, 0); }, "crt leads to 05.crt, which is empty"},
      {"certificate cut in half", [&] { fs::resize_file(crt, fs::file_size(crt) / 2); }, "certificate"},
      {"certificate of another pair", [&] { write(crt, content_of(path / "04.crt")); }, "do not belong together"},
      {"certificate is a loop", [&] { relink(crt, "05.crt"); }, "is a link, not a file"},
      {"certificate link leads outside", [&] { relink(generation / "crt", data() / "five.crt"); }, "outside"},
      {"certificate link climbs out", [&] { relink(generation / "crt", "../../../05.crt"); }, "outside"},
      {"certificate link dangles", [&] { relink(generation / "crt", "../../nothing.crt"); }, "nothing.crt"},
      {"certificate link is a loop", [&] { relink(generation / "crt", "crt"); }, "outside"},
      {"key link missing", [&] { fs::remove(generation / "key"); }, "key is missing"},
      {"key link is a directory", [&] { fs::remove(generation / "key"), fs::create_directory(generation / "key"); },
       "not a regular file"},
      {"generation missing", [&] { fs::remove_all(generation); }, "generation 3 is missing"},
      {"generation is a file", [&] { fs::remove_all(generation), write(generation, "x"); }, "not a directory"},
      {"generation is a link", [&] { relink(generation, "2"); }, "not a directory"},
      {"all generations missing", [&] { fs::remove_all(path / ".generations"); }, "generation 3 is missing"},
      {"chain damaged", [&] { fs::resize_file(generation / "chain.pem", 100); }, "chain.pem is damaged"},
      {"chain cut between two certificates", [&] { fs::resize_file(generation / "chain.pem", 0); },
       "chain.pem is damaged"},
      {"another chain",
       [&] { fs::copy_file(generation / "crt", generation / "chain.pem", fs::copy_options::overwrite_existing); },
       "chain.pem is damaged"},
      {"chain missing", [&] { fs::remove(generation / "chain.pem"); }, "chain.pem is missing"},
      {"switch missing", [&] { fs::remove(path / ".active"); }, ".active is missing"},
      {"switch is a directory", [&] { fs::remove(path / ".active"), fs::create_directory(path / ".active"); },
       ".active is not a link"},
      {"switch leads outside", [&] { relink(path / ".active", "/etc"); }, "does not lead to a generation"},
      {"switch climbs out", [&] { relink(path / ".active", ".generations/../../x"); }, "does not lead to a generation"},
      {"switch is a loop", [&] { relink(path / ".active", ".active"); }, "does not lead to a generation"},
      {"switch leads to nothing", [&] { relink(path / ".active", ".generations/77"); }, "generation 77 is missing"},
  };
  for (const Case& one : cases) {
    INFO(one.what);
    make_store_of_three(path);
    one.damage();
    const auto before = picture(path);
    Opened opened(path);
    const auto active = opened.store.active();
    REQUIRE(active);
    CHECK(active->active);
    CHECK_FALSE(active->whole);
    INFO(active->problem);
    CHECK(active->problem.find(one.words) != std::string::npos);
    (void)opened.store.list();
    CHECK(picture(path) == before);

    // The newest generation that is whole can take its place, and a new one too.
    int newest = 0;
    for (const Generation& generation_found : opened.store.list())
      if (generation_found.whole) newest = std::max(newest, generation_found.number);
    const bool switch_in_the_way = fs::is_directory(fs::symlink_status(path / ".active"));
    if (switch_in_the_way) {
      CHECK(code_of([&] { opened.store.activate(newest); }) == "store-failed");
      fs::remove(path / ".active");
    }
    if (newest != 0) {
      opened.store.activate(newest);
      CHECK(opened.store.active()->whole);
    }
    const int next = opened.store.put(credential("five"));
    opened.store.activate(next);
    CHECK(opened.store.active()->whole);
    CHECK(opened.store.active()->serial == "05");
    CHECK(content_of(path / "latest.key") == content_of(data() / "five.key"));
  }
}

TEST_CASE("a damaged CA set leaves the pair usable, and is said") {
  const Scratch scratch;
  const fs::path path = scratch.path / "store";
  make_store_of_three(path);
  fs::resize_file(path / ".generations/3/ca.pem", 100);
  Opened opened(path);
  CHECK(opened.store.active()->whole);
  REQUIRE(opened.host.lines.size() == 1);
  CHECK(opened.host.lines.front().find("ca.pem is damaged") != std::string::npos);
  CHECK(opened.store.put(credential("five")) == 3);
  CHECK(opened.store.read(3).ca_set_pem.size() == 2);
}

TEST_CASE("nothing is pruned while it is not known what is active") {
  const Scratch scratch;
  const fs::path path = scratch.path / "store";
  make_store_of_three(path);
  fs::remove(path / ".active");
  const auto before = picture(path);
  Opened opened(path);
  CHECK(opened.store.prune(1, {}).empty());
  CHECK(picture(path) == before);
}

TEST_CASE("broken generations do not push out whole ones") {
  const Scratch scratch;
  const fs::path path = scratch.path / "store";
  make_store_of_three(path);
  Opened opened(path);
  opened.store.put(credential("one"));
  opened.store.put(credential("two"));
  for (const char* name : {"11FF3FAA993B23E3BDA8.key", "11FF3FAA993B23E3BDA9.key"}) fs::resize_file(path / name, 0);
  CHECK(opened.store.prune(3, {}).empty());
  CHECK(opened.store.prune(2, {}) == std::vector<int>{1});
}

TEST_CASE("latest.* that were tampered with are put right by the next activation or prune") {
  const Scratch scratch;
  const fs::path path = scratch.path / "store";
  make_store_of_three(path);
  fs::remove(path / "latest.key");
  fs::create_symlink("04.key", path / "latest.key");
  fs::remove(path / "ca.crt-1");
  Opened opened(path);
  CHECK_FALSE(fault::store_problem(path, {true, true}).empty());
  opened.store.prune(3, {});
  CHECK(fault::store_problem(path, {true, true}) == "");
}

TEST_CASE("a damaged owner file owns nothing") {
  const Scratch scratch;
  const fs::path path = scratch.path / "store";
  for (const char* content : {"", "\x01\x02", "../../etc\n", "two\nlines\n"}) {
    make_store_of_three(path);
    write(path / ".certctl-owner", content);
    Opened opened(path, "other");
    CHECK(opened.store.active()->whole);
    opened.store.put(credential("one"));
    CHECK(content_of(path / ".certctl-owner") == "other\n");
  }
}

TEST_CASE("a chain cut between two certificates is noticed, and mended by put") {
  const Scratch scratch;
  const fs::path path = scratch.path / "store";
  const fs::path generation = path / ".generations/1";
  Credential given = credential("one");
  const std::string issuing = given.chain_pem.at(0);
  given.chain_pem.push_back(content_of(data() / "ca-root.pem"));
  {
    Opened opened(path);
    opened.store.put(given);
    opened.store.activate(1);
  }
  fs::resize_file(generation / "chain.pem", issuing.size());
  Opened opened(path);
  CHECK_FALSE(opened.store.active()->whole);
  CHECK(opened.store.active()->problem == "chain.pem is damaged");
  CHECK(opened.store.put(given) == 1);
  CHECK(opened.store.active()->whole);
  // Another chain for the same certificate is what put() was given last.
  given.chain_pem.pop_back();
  CHECK(opened.store.put(given) == 1);
  CHECK(opened.store.active()->whole);
  CHECK(opened.store.read(1).chain_pem == given.chain_pem);
  fs::resize_file(generation / "chain.pem", 0);
  CHECK_FALSE(opened.store.active()->whole);
}

TEST_CASE("a generation of an older version, without checksums, stays whole and gets them with the next put") {
  const Scratch scratch;
  const fs::path path = scratch.path / "store";
  const fs::path checksums = path / ".generations/1/checksums";
  Opened opened(path);
  opened.store.put(credential("one"));
  opened.store.activate(1);
  REQUIRE(fs::remove(checksums));
  CHECK(opened.store.active()->whole);
  CHECK(opened.store.put(credential("one")) == 1);
  CHECK(fs::exists(checksums));
  CHECK(opened.store.active()->whole);
  // A record that is damaged makes no pair unusable.
  for (const char* damage : {"", "x", "\n\n"}) {
    CAPTURE(damage);
    fs::remove(checksums);
    write(checksums, damage);
    CHECK(opened.store.active()->whole);
  }
}
