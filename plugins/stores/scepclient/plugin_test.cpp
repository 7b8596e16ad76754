#include "plugins/stores/scepclient/test_store.hpp"
#include "tests/fault/store_invariants.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <thread>

using namespace certctl;
using namespace certctl::scepclient;
using namespace certctl::scepclient::test;

TEST_CASE("the first credential becomes generation 1 and, once active, latest.*") {
  const Scratch scratch;
  const fs::path path = scratch.path / "store";
  Opened opened(path);
  CHECK_FALSE(opened.store.active());
  CHECK(opened.store.list().empty());
  CHECK(opened.store.put(credential("one")) == 1);
  CHECK_FALSE(opened.store.active());
  CHECK_FALSE(fs::exists(fs::symlink_status(path / "latest.crt")));

  opened.store.activate(1);
  const auto active = opened.store.active();
  REQUIRE(active);
  CHECK(active->number == 1);
  CHECK(active->whole);
  CHECK(active->active);
  CHECK(active->serial == kOneSerial);
  CHECK(active->fingerprint == fault::fingerprint_of_file(data() / "one.crt"));
  CHECK(active->directory == (path / ".generations/1").string());
  CHECK(fs::canonical(path / "latest.crt") == path / (std::string(kOneSerial) + ".crt"));
  CHECK(fs::canonical(path / "latest.key") == path / (std::string(kOneSerial) + ".key"));
  CHECK(content_of(path / "latest.key") == content_of(data() / "one.key"));
  CHECK(content_of(path / "ca.crt-0") == content_of(data() / "ca-issuing.pem"));
  CHECK(content_of(path / "ca.crt-1") == content_of(data() / "ca-root.pem"));
  CHECK(content_of(path / ".generations/1/chain.pem") == content_of(data() / "ca-issuing.pem"));
  CHECK(content_of(path / ".certctl-owner") == "ipsec\n");
  CHECK(fault::store_problem(path, {true, true}) == "");
}

TEST_CASE("a generation is read back as it was put, key included") {
  const Scratch scratch;
  Opened opened(scratch.path / "store");
  const Credential given = credential("one");
  const int number = opened.store.put(given);
  const Credential read = opened.store.read(number);
  CHECK(read.generation == number);
  CHECK(read.serial == kOneSerial);
  CHECK(read.certificate_pem == given.certificate_pem);
  CHECK(read.chain_pem == given.chain_pem);
  CHECK(read.ca_set_pem == given.ca_set_pem);
  CHECK(read.key.provider == "file");
  CHECK(read.key.pem.reveal() == given.key.pem.reveal());
  CHECK(read.directory == (scratch.path / "store/.generations/1").string());
}

TEST_CASE("put of the same certificate gives the same number and the newer chain and CA set") {
  const Scratch scratch;
  const fs::path path = scratch.path / "store";
  Opened opened(path);
  Credential given = credential("one");
  CHECK(opened.store.put(given) == 1);
  opened.store.activate(1);
  CHECK(opened.store.put(credential("two")) == 2);
  given.chain_pem.clear();
  given.ca_set_pem = {content_of(data() / "ca-root.pem")};
  CHECK(opened.store.put(given) == 1);
  CHECK(opened.store.read(1).chain_pem.empty());
  CHECK(opened.store.read(1).ca_set_pem == given.ca_set_pem);
  CHECK(content_of(path / "ca.crt-0") == content_of(data() / "ca-root.pem"));
  CHECK_FALSE(fs::exists(fs::symlink_status(path / "ca.crt-1")));
  CHECK(fault::store_problem(path, {true, true}) == "");
}

TEST_CASE("nothing is written when a put or an activation changes nothing") {
  const Scratch scratch;
  const fs::path path = scratch.path / "store";
  Opened opened(path);
  opened.store.put(credential("one"));
  opened.store.activate(1);
  const auto stamp = [&] {
    std::vector<fs::file_time_type> times = {fs::last_write_time(path)};
    for (const auto& entry : fs::recursive_directory_iterator(path / ".generations"))
      if (!entry.is_symlink()) times.push_back(entry.last_write_time());
    return times;
  };
  const auto before = stamp();
  std::this_thread::sleep_for(std::chrono::milliseconds{20});
  opened.store.put(credential("one"));
  opened.store.activate(1);
  opened.store.prune(3, {});
  CHECK(stamp() == before);
}

TEST_CASE("a CA that issues a serial again breaks nothing") {
  const Scratch scratch;
  const fs::path path = scratch.path / "store";
  Opened opened(path);
  CHECK(opened.store.put(credential("one")) == 1);
  opened.store.activate(1);
  CHECK(opened.store.put(credential("repeated")) == 2);
  CHECK(opened.store.put(credential("repeated2")) == 3);
  CHECK(fault::fingerprint_of_file(path / "latest.crt") == fault::fingerprint_of_file(data() / "one.crt"));
  opened.store.activate(2);
  CHECK(fs::canonical(path / "latest.crt").filename() == std::string(kOneSerial) + "~defe1750.crt");
  opened.store.activate(3);
  CHECK(fs::canonical(path / "latest.crt").filename() == std::string(kOneSerial) + "~6c6ce2c7.crt");
  CHECK(content_of(path / (std::string(kOneSerial) + ".crt")) == content_of(data() / "one.crt"));
  CHECK(opened.store.read(1).key.pem.reveal() == content_of(data() / "one.key"));
  CHECK(fault::store_problem(path, {true, true}) == "");
}

TEST_CASE("a serial that makes no name gives the fingerprint as name") {
  const Scratch scratch;
  const fs::path path = scratch.path / "store";
  Opened opened(path);
  opened.store.put(credential("negative"));
  opened.store.activate(1);
  CHECK(fs::canonical(path / "latest.crt").filename() ==
        fault::fingerprint_of_file(data() / "negative.crt").substr(7) + ".crt");
}

TEST_CASE("what is no whole pair is not stored") {
  const Scratch scratch;
  Opened opened(scratch.path / "store");
  Credential mixed = credential("one");
  mixed.key = credential("two").key;
  CHECK(code_of([&] { opened.store.put(mixed); }) == "generation-broken");
  Credential garbage = credential("one");
  garbage.certificate_pem = "no certificate";
  CHECK(code_of([&] { opened.store.put(garbage); }) == "generation-broken");
  Credential chain = credential("one");
  chain.chain_pem = {"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"};
  CHECK(code_of([&] { opened.store.put(chain); }) == "generation-broken");
  CHECK(opened.store.list().empty());
}

TEST_CASE("a key that is not exportable is kept as a reference") {
  const Scratch scratch;
  Opened opened(scratch.path / "store");
  Credential given = credential("three");
  given.key = KeyRef{"pkcs11", "pkcs11:object=router;type=private", {}};
  const int number = opened.store.put(given);
  opened.store.activate(number);
  const Credential read = opened.store.read(number);
  CHECK(read.key.provider == "pkcs11");
  CHECK(read.key.reference == "pkcs11:object=router;type=private");
  CHECK_FALSE(read.key.exportable());
}

TEST_CASE("prune keeps the newest, the active and the needed generations, and deletes files nobody refers to") {
  const Scratch scratch;
  const fs::path path = scratch.path / "store";
  Opened opened(path);
  for (const char* name : {"one", "two", "three", "four", "five"}) opened.store.put(credential(name));
  opened.store.activate(1);
  CHECK(opened.store.prune(3, {2}) == std::vector<int>{3, 4});
  std::vector<int> left;
  for (const Generation& generation : opened.store.list()) {
    CHECK(generation.whole);
    left.push_back(generation.number);
  }
  CHECK(left == std::vector<int>{1, 2, 5});
  CHECK_FALSE(fs::exists(path / "0ABC.key"));
  CHECK_FALSE(fs::exists(path / "04.crt"));
  CHECK(fs::exists(path / "05.key"));
  CHECK(fault::store_problem(path, {true, true}) == "");
}

TEST_CASE("a generation's number is never used again") {
  const Scratch scratch;
  Opened opened(scratch.path / "store");
  opened.store.put(credential("one"));
  opened.store.activate(1);
  CHECK(opened.store.put(credential("two")) == 2);
  CHECK(opened.store.prune(1, {}) == std::vector<int>{2});
  CHECK(opened.store.put(credential("three")) == 3);
}

TEST_CASE("two generations that share files lose them only together") {
  const Scratch scratch;
  const fs::path path = scratch.path / "store";
  Opened opened(path);
  opened.store.put(credential("one"));
  // As a restored backup may look: a second generation of the same files.
  fs::create_directory(path / ".generations/2");
  fs::copy(path / ".generations/1", path / ".generations/2",
           fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  opened.store.put(credential("two"));
  opened.store.activate(3);
  CHECK(opened.store.prune(2, {}) == std::vector<int>{1});
  CHECK(opened.store.read(2).serial == kOneSerial);
  CHECK(opened.store.prune(1, {}) == std::vector<int>{2});
  CHECK_FALSE(fs::exists(path / (std::string(kOneSerial) + ".key")));
}

TEST_CASE("files that the store did not make are never pruned") {
  const Scratch scratch;
  const fs::path path = scratch.path / "store";
  Opened opened(path);
  opened.store.put(credential("one"));
  write(path / "OLDER.key", "somebody's");
  write(path / "notes.txt", "mine");
  opened.store.put(credential("two"));
  opened.store.activate(2);
  opened.store.prune(1, {});
  CHECK(content_of(path / "OLDER.key") == "somebody's");
  CHECK(content_of(path / "notes.txt") == "mine");
}

TEST_CASE("activation of what is not there, or not whole, changes nothing") {
  const Scratch scratch;
  const fs::path path = scratch.path / "store";
  Opened opened(path);
  CHECK(code_of([&] { opened.store.activate(1); }) == "generation-unknown");
  CHECK_FALSE(fs::exists(path));
  opened.store.put(credential("one"));
  opened.store.activate(1);
  opened.store.put(credential("two"));
  write(path / "11FF3FAA993B23E3BDA9.key", "");
  CHECK(code_of([&] { opened.store.activate(2); }) == "generation-broken");
  CHECK(code_of([&] { opened.store.activate(9); }) == "generation-unknown");
  CHECK(code_of([&] { (void)opened.store.read(2); }) == "generation-broken");
  CHECK(code_of([&] { (void)opened.store.read(9); }) == "generation-unknown");
  CHECK(opened.store.active()->number == 1);
}

TEST_CASE("a store that another profile owns is refused, with the command that takes it over") {
  const Scratch scratch;
  const fs::path path = scratch.path / "store";
  Opened first(path);
  first.store.put(credential("one"));
  first.store.activate(1);
  Opened second(path, "web");
  const auto refused = [&](const std::function<void()>& action) {
    try {
      action();
    } catch (const Failure& failure) {
      CHECK(failure.error().hint.find("certctl adopt ipsec web") != std::string::npos);
      CHECK(failure.error().retry == RetryClass::never);
      return failure.error().code == "store-foreign";
    }
    return false;
  };
  CHECK(refused([&] { second.store.put(credential("two")); }));
  CHECK(refused([&] { second.store.activate(1); }));
  CHECK(refused([&] { (void)second.store.active(); }));
  CHECK(refused([&] { (void)second.store.list(); }));
  CHECK(refused([&] { (void)second.store.read(1); }));
  CHECK(refused([&] { second.store.prune(1, {}); }));
  CHECK(content_of(path / ".certctl-owner") == "ipsec\n");

  CHECK(second.store.adopt() == 1);
  CHECK(content_of(path / ".certctl-owner") == "web\n");
  CHECK(second.store.active()->number == 1);
  CHECK(refused([&] { throw Failure::never("store-foreign", "", "certctl adopt ipsec web"); }));
  CHECK(code_of([&] { (void)first.store.active(); }) == "store-foreign");
}

TEST_CASE("the directory above the store must exist") {
  const Scratch scratch;
  Opened opened(scratch.path / "not-mounted/store");
  CHECK(code_of([&] { opened.store.put(credential("one")); }) == "store-unwritable");
  CHECK_FALSE(fs::exists(scratch.path / "not-mounted"));
  CHECK_FALSE(opened.store.active());
}

TEST_CASE("options that make no sense are refused") {
  TestHost host("ipsec");
  const auto with = [&](const std::string& name, OptionValue value) {
    Options options = options_for("/tmp/x");
    options.set(name, std::move(value));
    return code_of([&] { const ScepclientStore store(options, host); });
  };
  CHECK(with("path", std::string("relative")) == "bad-option");
  CHECK(with("path", std::string("/")) == "bad-option");
  CHECK(with("keep", std::int64_t{0}) == "bad-option");
  CHECK(with("owner", std::string("no such user")) == "bad-option");
  CHECK(with("group", std::string("no such group")) == "bad-option");
  CHECK(with("keep", std::int64_t{1}).empty());
  CHECK(ScepclientStore(options_for("/var/data//scepClient/"), host).location() == "/var/data/scepClient");
}

TEST_CASE("readers through the generation's descriptor never see halves, during 2,000 switches") {
  const Scratch scratch;
  const fs::path path = scratch.path / "store";
  Opened opened(path);
  opened.store.put(credential("three"));
  opened.store.put(credential("four"));
  opened.store.activate(1);
  const std::string keys[] = {content_of(data() / "three.key"), content_of(data() / "four.key")};
  const std::string certificates[] = {content_of(data() / "three.crt"), content_of(data() / "four.crt")};

  std::atomic<bool> stop{false};
  std::atomic<int> reads{0};
  std::atomic<int> mismatches{0};
  const auto slurp = [](int directory, const char* name) {
    std::string text(4096, '\0');
    const int file = ::openat(directory, name, O_RDONLY | O_CLOEXEC);
    const ssize_t length = file < 0 ? 0 : ::read(file, text.data(), text.size());
    if (file >= 0) ::close(file);
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(length, 0)));
    return text;
  };
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!stop) {
        const int directory = ::open((path / ".active").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        const std::string key = slurp(directory, "key");
        const std::string certificate = slurp(directory, "crt");
        ::close(directory);
        const bool first = key == keys[0] && certificate == certificates[0];
        const bool second = key == keys[1] && certificate == certificates[1];
        if (!first && !second) ++mismatches;
        ++reads;
      }
    });
  }
  // The store's own reader, in a process of its own profile run.
  readers.emplace_back([&] {
    Opened other(path);
    while (!stop) {
      const auto active = other.store.active();
      if (!active || !active->whole) ++mismatches;
      ++reads;
    }
  });
  for (int i = 0; i < 2000; ++i) opened.store.activate(1 + i % 2);
  stop = true;
  for (std::thread& reader : readers) reader.join();
  CHECK(mismatches == 0);
  CHECK(reads > 1000);
}

TEST_CASE("one writer at a time: the second waits for the kernel lock") {
  const Scratch scratch;
  const fs::path path = scratch.path / "store";
  Opened opened(path);
  opened.store.put(credential("one"));
  std::vector<std::thread> writers;
  for (const char* name : {"two", "three", "four", "five"})
    writers.emplace_back([&, name] {
      Opened other(path);
      for (int i = 0; i < 10; ++i) other.store.activate(other.store.put(credential(name)));
    });
  for (std::thread& writer : writers) writer.join();
  CHECK(opened.store.list().size() == 5);
  CHECK(fault::store_problem(path, {true, true}) == "");
}
