// scep_replace_pem from its arguments to its exit code, with pairs made by the openssl tool.
#include "framework/compat/replace_pem/replace.hpp"

#include <catch2/catch.hpp>

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "framework/compat/replace_pem/delivery_result.hpp"
#include "framework/crypto/digest.hpp"
#include "framework/sys/lock.hpp"

using namespace certctl;
using namespace certctl::replace_pem;
namespace fs = std::filesystem;

namespace {

std::string content(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Scene {
  Scene() {
    char name[] = "/tmp/certctl-replace-XXXXXX";
    REQUIRE(mkdtemp(name) != nullptr);
    path = name;
    for (const char* part : {"store", "event", "locks"}) fs::create_directory(path / part);
    fs::permissions(path / "locks", fs::perms::owner_all);
    around.locks = (path / "locks").string();
    write("settings", "# by hand\nKEY=\nCERT=\nOTHER=\"keep\"\n");
  }
  ~Scene() { fs::remove_all(path); }
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;

  void write(const std::string& name, const std::string& text) const { std::ofstream(path / name) << text; }
  void put(const std::string& data, const std::string& name) const {
    fs::create_directories((path / name).parent_path());
    fs::copy_file(fs::path(CERTCTL_TEST_DATA) / "store" / data, path / name, fs::copy_options::overwrite_existing);
  }
  // A generation as the store makes it.
  fs::path generation(const std::string& pair, int number) const {
    const std::string directory = "store/.generations/" + std::to_string(number);
    put(pair + ".key", directory + "/key");
    put(pair + ".crt", directory + "/crt");
    put("ca-root.pem", directory + "/ca.pem");
    write(directory + "/chain.pem", "");
    return path / directory;
  }
  void activate(int number) const {
    fs::remove(path / "store/.active");
    fs::create_symlink(".generations/" + std::to_string(number), path / "store/.active");
  }
  Outcome call(std::vector<std::string> words) const {
    for (auto& word : words)
      if (word == "FILE") word = (path / "settings").string();
    words.insert(words.begin(), {"--store", (path / "store").string()});
    return replace_pem::replace_pem(words, around);
  }
  [[nodiscard]] std::string settings() const { return content(path / "settings"); }

  fs::path path;
  Surroundings around;
};

std::string one_line_of(const std::string& pem) {
  return crypto::base64_encode({reinterpret_cast<const std::uint8_t*>(pem.data()), pem.size()});
}
std::string data(const std::string& name) {
  return content(fs::path(CERTCTL_TEST_DATA) / "store" / name);
}

}  // namespace

TEST_CASE("key and certificate of the active generation replace two values, and nothing else moves") {
  const Scene scene;
  scene.generation("two", 2);
  scene.activate(2);
  const Outcome outcome = scene.call({"FILE", "KEY", "pkey", "CERT", "cert"});
  CHECK(outcome.exit == Exit::done);
  CHECK(outcome.notes.empty());
  CHECK(scene.settings().find("# by hand\nKEY=") == 0);
  CHECK(scene.settings().find("\nCERT=" + one_line_of(data("two.crt")) + "\nOTHER=\"keep\"\n") != std::string::npos);
  // Called again it touches nothing.
  const auto before = fs::last_write_time(scene.path / "settings");
  CHECK(scene.call({"FILE", "KEY", "pkey", "CERT", "cert"}).exit == Exit::done);
  CHECK(fs::last_write_time(scene.path / "settings") == before);
}

TEST_CASE("a script's generation counts, not latest.*") {
  Scene scene;
  scene.generation("two", 2);
  scene.activate(2);
  scene.around.generation_directory = scene.generation("one", 1).string();
  CHECK(scene.call({"FILE", "CERT", "cert"}).exit == Exit::done);
  CHECK(scene.settings().find(one_line_of(data("one.crt"))) != std::string::npos);
}

TEST_CASE("the old app's directory is read as it is") {
  const Scene scene;
  scene.put("one.key", "store/A1.key");
  scene.put("one.crt", "store/A1.crt");
  scene.put("ca-root.pem", "store/ca.crt-0");
  fs::create_symlink("A1.key", scene.path / "store/latest.key");
  fs::create_symlink("A1.crt", scene.path / "store/latest.crt");
  CHECK(scene.call({"FILE", "CERT", "cert", "CA", "ca"}).exit == Exit::done);
  CHECK(scene.settings().find("\nCA=" + one_line_of(data("ca-root.pem"))) != std::string::npos);
}

TEST_CASE("the environment may name the store, and an option comes before it") {
  Scene scene;
  scene.generation("two", 2);
  scene.activate(2);
  const std::string file = (scene.path / "settings").string();
  scene.around.store = (scene.path / "store").string();
  CHECK(replace_pem::replace_pem({file, "CERT", "cert"}, scene.around).exit == Exit::done);
  CHECK(replace_pem::replace_pem({"--store", "/nowhere", file, "CERT", "cert"}, scene.around).exit == Exit::failed);
}

TEST_CASE("a name that is missing is appended, and that is said") {
  const Scene scene;
  scene.generation("two", 2);
  scene.activate(2);
  const Outcome outcome = scene.call({"FILE", "NEW", "cert"});
  CHECK(outcome.exit == Exit::done);
  REQUIRE(outcome.notes.size() == 1);
  CHECK(outcome.notes.front().find("NEW was not in") == 0);
}

TEST_CASE("wrong calls touch nothing and exit with 2") {
  const Scene scene;
  scene.generation("two", 2);
  scene.activate(2);
  const std::string before = scene.settings();
  const std::vector<std::vector<std::string>> wrong = {
      {},
      {"FILE"},
      {"FILE", "KEY"},
      {"FILE", "KEY", "pkey", "CERT"},
      {"FILE", "KEY", "key"},
      {"FILE", "KE-Y", "pkey"},
      {"FILE", "KEY", "pkey", "KEY", "cert"},
      {"--nonsense", "1", "FILE", "KEY", "pkey"},
      {"--encoding", "rot13", "FILE", "KEY", "pkey"},
      {"--lock-timeout", "-1", "FILE", "KEY", "pkey"},
      {"", "KEY", "pkey"},
  };
  for (const auto& words : wrong) {
    const Outcome outcome = scene.call(words);
    CHECK(outcome.exit == Exit::usage);
    CHECK(outcome.notes.size() == 1);
  }
  CHECK(scene.settings() == before);
}

TEST_CASE("what cannot be done exits with 1, and the file is as it was") {
  Scene scene;
  CHECK(scene.call({"FILE", "KEY", "pkey"}).exit == Exit::failed);  // no pair yet
  scene.generation("two", 2);
  scene.activate(2);
  CHECK(scene.call({(scene.path / "none").string(), "KEY", "pkey"}).exit == Exit::failed);
  scene.write("settings", "KEY=neither\n");
  CHECK(scene.call({"FILE", "KEY", "pkey"}).exit == Exit::failed);  // cannot tell how values are written
  CHECK(scene.settings() == "KEY=neither\n");
  scene.write("settings", "KEY=\n");
  scene.put("one.crt", "store/.generations/2/crt");
  CHECK(scene.call({"FILE", "KEY", "pkey"}).exit == Exit::failed);  // not a pair
  CHECK(scene.settings() == "KEY=\n");
}

TEST_CASE("the delivery learns of a failed call, and only of that") {
  Scene scene;
  scene.around.event_directory = (scene.path / "event").string();
  const fs::path report = scene.path / "event/failed";
  CHECK(scene.call({"FILE", "KEY", "pkey"}).exit == Exit::failed);
  CHECK(content(report).find("scep_replace_pem: there is no certificate") == 0);
  // A later call that succeeds doesn't take it back.
  scene.generation("two", 2);
  scene.activate(2);
  CHECK(scene.call({"FILE", "KEY", "pkey"}).exit == Exit::done);
  CHECK(fs::exists(report));
  fs::remove(report);
  CHECK(scene.call({"FILE", "KEY", "pkey"}).exit == Exit::done);
  CHECK_FALSE(fs::exists(report));
  // A wrong call is a failed one.
  CHECK(scene.call({"FILE", "KEY"}).exit == Exit::usage);
  CHECK(fs::exists(report));
}

TEST_CASE("a call that is killed has failed") {
  const Scene scene;
  const fs::path report = scene.path / "event/failed";
  { const DeliveryResult result((scene.path / "event").string(), "scep_replace_pem /etc/x"); }
  CHECK(content(report) == "scep_replace_pem /etc/x did not end\n");
}

TEST_CASE("another writer of the file is waited for, then the call is busy") {
  const Scene scene;
  scene.generation("two", 2);
  scene.activate(2);
  // A lock of another process: one of our own would be waited for without limit.
  const pid_t child = fork();
  if (child == 0) {
    const auto locks = sys::lock_resources((scene.path / "locks").string(),
                                           {"file:" + (scene.path / "settings").string()}, std::chrono::seconds{5});
    std::ofstream(scene.path / "held") << "1";
    pause();
    _exit(0);
  }
  for (int i = 0; i < 500 && !fs::exists(scene.path / "held"); ++i) usleep(10000);
  CHECK(scene.call({"--lock-timeout=0", "FILE", "KEY", "pkey"}).exit == Exit::busy);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  CHECK(scene.call({"FILE", "KEY", "pkey"}).exit == Exit::done);
}

TEST_CASE("help is given, and no failure is reported for it") {
  Scene scene;
  scene.around.event_directory = (scene.path / "event").string();
  const Outcome outcome = replace_pem::replace_pem({"--help"}, scene.around);
  CHECK(outcome.exit == Exit::done);
  CHECK(outcome.help.find("usage: scep_replace_pem") == 0);
  CHECK_FALSE(fs::exists(scene.path / "event/failed"));
}
