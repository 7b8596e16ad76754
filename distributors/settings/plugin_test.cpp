// The distributor "settings" as the engine uses it.
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "framework/sys/lock.hpp"
#include "framework/sys/subprocess.hpp"
#include "tests/contract/credentials.hpp"
#include "tests/contract/distributor_suite.hpp"
#include "tests/contract/own_namespace.hpp"

using namespace certctl;
using namespace certctl::contract;
namespace fs = std::filesystem;
using Map = std::vector<std::pair<std::string, std::string>>;

namespace {

const Credential& one() {
  static const Credential made = test_credential("one");
  return made;
}
const Credential& two() {
  static const Credential made = test_credential("two");
  return made;
}
const Credential& three() {
  static const Credential made = test_credential("three");
  return made;
}

const Map kPair{{"IPSEC_LOCAL_KEY", "pkey"}, {"IPSEC_LOCAL_CERT", "cert"}};

Options options_for(const fs::path& file, const Map& set = kPair,
                    std::initializer_list<std::pair<std::string, OptionValue>> more = {}) {
  Options options = contract::options(CERTCTL_KIND_DISTRIBUTOR, "settings", {{"file", file.string()}, {"set", set}});
  for (const auto& [name, value] : more) options.set(name, value);
  return options;
}

// A file with the pair of a credential, written by tools of the system.
std::string with_pair(const Credential& credential) {
  sys::ProcessRequest request;
  request.command = {true, {"base64 -w0"}};
  request.environment = {"PATH=/usr/bin:/bin"};
  request.output_limit = 1U << 16U;
  request.input = credential.key.pem.reveal();
  const std::string key = sys::run_process(request).output;
  request.input = credential.certificate_pem;
  return "# tunnel 1\nIPSEC_ENABLED=1\nIPSEC_LOCAL_KEY=" + key +
         "\nIPSEC_LOCAL_CERT=" + sys::run_process(request).output + "\nIPSEC_PSK=\"hello world\"\n";
}

void deliver(DistributorApi& plugin, const Credential& credential) {
  const Secret token = plugin.prepare(credential, nullptr).value();
  plugin.install(credential, token).value();
}

std::string error_of(const Options& options) {
  TestHost host;
  try {
    instance<DistributorApi>("settings", options, host);
  } catch (const Failure& failure) {
    CHECK(failure.error().retry == RetryClass::never);
    return failure.error().code + ": " + failure.error().message;
  }
  return {};
}

}  // namespace

TEST_CASE("settings is a distributor") {
  const Scratch scratch;
  const std::string before = with_pair(one());
  const fs::path file = scratch.path() / "etc/settings.ipsec";
  DistributorSubject subject;
  subject.make = linked<DistributorApi>("settings");
  subject.options = [&] { return options_for(file); };
  subject.old_credential = one();
  subject.new_credential = two();
  subject.reset = [&] {
    fs::remove_all(scratch.path() / "etc");
    scratch.write("etc/settings.ipsec", before, 0640);
  };
  subject.snapshot = [&] { return snapshot_of(scratch.path()); };
  subject.change_neighbour = [&] {
    const std::string text = Scratch::read(file);
    scratch.write("etc/settings.ipsec", "NEW=1\n" + text, 0640);
  };
  subject.take_over = [&] { scratch.write("etc/settings.ipsec", with_pair(three()), 0640); };
  subject.break_target = [&] { fs::remove(file); };
  subject.secret = "hello world";
  distributor_suite(subject);
}

TEST_CASE("options that make no sense are refused with what to do") {
  const fs::path file = "/etc/settings.ipsec";
  CHECK(error_of(options_for(file, {})).find("set") != std::string::npos);
  CHECK(error_of(options_for(file, {{"A B", "pkey"}})).find("'A B'") != std::string::npos);
  CHECK(error_of(options_for(file, {{"A\n", "pkey"}})).find("\\n") != std::string::npos);
  CHECK(error_of(options_for(file, {{"A", "key"}})).find("'key'") != std::string::npos);
  CHECK(error_of(options_for(file, {{"A", "pkey"}, {"A", "cert"}})).find("twice") != std::string::npos);
  CHECK(error_of(options_for("", kPair)).find("file") != std::string::npos);
  CHECK(error_of(options_for(file)).empty());
}

TEST_CASE("inspect names the file without links, and every value in it") {
  const Scratch scratch;
  const fs::path file = scratch.write("real/settings", with_pair(one()));
  fs::create_directory_symlink("real", scratch.path() / "etc");
  TestHost host;
  const auto plugin = instance<DistributorApi>("settings", options_for(scratch.path() / "etc/settings"), host);
  const Inspection seen = plugin->inspect(&one()).value();
  CHECK(seen.resources == std::vector<std::string>{"file:" + file.string()});
  CHECK(seen.values == std::vector<std::string>{"file:" + file.string() + "#IPSEC_LOCAL_KEY",
                                                "file:" + file.string() + "#IPSEC_LOCAL_CERT"});
  CHECK(seen.output_files == std::vector<std::string>{file.string()});
  CHECK(seen.present == Present::this_one);
  const auto public_only =
      instance<DistributorApi>("settings", options_for(file, {{"IPSEC_LOCAL_CERT", "cert"}}), host);
  CHECK(public_only->inspect(nullptr).value().output_files.empty());
}

TEST_CASE("what inspect says of files that hold something else") {
  const Scratch scratch;
  const fs::path file = scratch.path() / "settings";
  TestHost host;
  const auto plugin = instance<DistributorApi>("settings", options_for(file), host);
  const auto present = [&](const std::string& text) {
    scratch.write("settings", text);
    return plugin->inspect(&two()).value().present;
  };
  const std::string pair_one = with_pair(one()), pair_two = with_pair(two());
  CHECK(present(pair_two) == Present::this_one);
  CHECK(present(pair_one) == Present::other);
  CHECK(present("IPSEC_LOCAL_KEY=\nIPSEC_LOCAL_CERT=\"\"\n") == Present::none);
  CHECK(present("IPSEC_LOCAL_KEY=\n") == Present::unreadable);
  CHECK(present("IPSEC_LOCAL_KEY=secret\nIPSEC_LOCAL_CERT=\n") == Present::unreadable);
  CHECK(present(std::string("IPSEC_LOCAL_KEY=\0", 17)) == Present::unreadable);
  // the certificate is right, the key is another
  const auto line = [](const std::string& text, const std::string& name) {
    const auto at = text.find(name + "=");
    return text.substr(at, text.find('\n', at) + 1 - at);
  };
  scratch.write("settings", line(pair_one, "IPSEC_LOCAL_KEY") + line(pair_two, "IPSEC_LOCAL_CERT"));
  const Inspection mixed = plugin->inspect(&two()).value();
  CHECK(mixed.present == Present::other);
  CHECK(mixed.detail.find("in part") != std::string::npos);
  REQUIRE(mixed.diff.size() == 1);
  CHECK(mixed.diff[0].find("IPSEC_LOCAL_KEY: public key sha256:") == 0);
  // a name that is there twice, once with the old value: a reader may take either
  CHECK(present(pair_two + line(pair_one, "IPSEC_LOCAL_CERT")) == Present::other);
  // an encoding that is asked for overwrites what is there
  const auto explicit_encoding =
      instance<DistributorApi>("settings", options_for(file, kPair, {{"encoding", std::string("base64-line")}}), host);
  scratch.write("settings", "IPSEC_LOCAL_KEY=secret\nIPSEC_LOCAL_CERT=\n");
  CHECK(explicit_encoding->inspect(&two()).value().present == Present::other);
  deliver(*explicit_encoding, two());
  CHECK(explicit_encoding->inspect(&two()).value().present == Present::this_one);
  // names that may be appended
  const auto appending =
      instance<DistributorApi>("settings", options_for(file, kPair, {{"missing", std::string("append")}}), host);
  scratch.write("settings", "A=1\n");
  CHECK(appending->inspect(&two()).value().present == Present::none);
  deliver(*appending, two());
  CHECK(appending->inspect(&two()).value().present == Present::this_one);
}

TEST_CASE("an append to a file that ends with a lone CR is undone to the byte") {
  const Scratch scratch;
  TestHost host;
  for (const std::string before : {"A=1\r", "A=1\r\nB=2\r", "A=1\r\nB=2", "A=1"}) {
    CAPTURE(before);
    const fs::path file = scratch.write("settings", before);
    const auto plugin =
        instance<DistributorApi>("settings", options_for(file, kPair, {{"missing", std::string("append")}}), host);
    const Secret token = plugin->prepare(two(), nullptr).value();
    plugin->install(two(), token).value();
    CHECK(Scratch::read(file).starts_with(before));
    plugin->undo(token).value();
    CHECK(Scratch::read(file) == before);
  }
}

TEST_CASE("owner and mode of the file stay, and a third value never moves") {
  if (!contract::as_root_with(contract::Need::users)) return;
  const Scratch scratch;
  const fs::path file = scratch.write("settings", with_pair(one()), 0644);
  REQUIRE(::chown(file.c_str(), 1234, 4321) == 0);
  struct stat before {
  }, after{};
  REQUIRE(::stat(file.c_str(), &before) == 0);
  TestHost host;
  const auto plugin = instance<DistributorApi>("settings", options_for(file), host);
  const Secret token = plugin->prepare(two(), &one()).value();
  CHECK(plugin->install(two(), token).value().changed);
  CHECK(Scratch::read(file) == with_pair(two()));
  REQUIRE(::stat(file.c_str(), &after) == 0);
  CHECK(after.st_mode == before.st_mode);
  CHECK(after.st_uid == before.st_uid);
  CHECK(after.st_gid == before.st_gid);
  CHECK(after.st_ino != before.st_ino);
  CHECK_FALSE(plugin->install(two(), token).value().changed);
  struct stat again {};
  REQUIRE(::stat(file.c_str(), &again) == 0);
  CHECK(again.st_ino == after.st_ino);
}

TEST_CASE("a delivery that was prepared for something else begins anew") {
  const Scratch scratch;
  const fs::path file = scratch.write("settings", with_pair(one()));
  TestHost host;
  const auto plugin = instance<DistributorApi>("settings", options_for(file), host);
  const Secret token = plugin->prepare(two(), nullptr).value();
  CHECK(plugin->install(three(), token).error().code == "undo-token-outdated");
  scratch.write("other", with_pair(one()));
  const auto elsewhere = instance<DistributorApi>("settings", options_for(scratch.path() / "other"), host);
  CHECK(elsewhere->install(two(), token).error().code == "undo-token-outdated");
  const auto fewer = instance<DistributorApi>("settings", options_for(file, {{"IPSEC_LOCAL_KEY", "pkey"}}), host);
  CHECK(fewer->install(two(), token).error().code == "undo-token-outdated");
  CHECK(Scratch::read(file) == with_pair(one()));
}

TEST_CASE("warnings reach the report") {
  const Scratch scratch;
  const fs::path file = scratch.write("settings", "C=\nC=\n");
  TestHost host;
  const auto plugin = instance<DistributorApi>("settings", options_for(file, {{"C", "cert"}}), host);
  const Secret token = plugin->prepare(two(), nullptr).value();
  const InstallReport report = plugin->install(two(), token).value();
  REQUIRE(report.warnings.size() == 1);
  CHECK(report.warnings[0].find("C is there 2 times") == 0);
}

TEST_CASE("a value that others changed is named in the log when undo leaves it") {
  const Scratch scratch;
  const fs::path file = scratch.write("settings", with_pair(one()));
  TestHost host;
  const auto plugin = instance<DistributorApi>("settings", options_for(file), host);
  const Secret token = plugin->prepare(two(), nullptr).value();
  plugin->install(two(), token).value();
  scratch.write("settings", with_pair(three()));
  plugin->undo(token).value();
  CHECK(host.state().logged("IPSEC_LOCAL_CERT"));
  CHECK(Scratch::read(file) == with_pair(three()));
  fs::remove(file);
  plugin->undo(token).value();
  CHECK(host.state().logged("is gone"));
}

TEST_CASE("profiles that write different names of one file at the same time lose nothing") {
  constexpr int kWriters = 4;
  constexpr int kRounds = 20;
  const Scratch scratch;
  std::string text;
  for (int i = 0; i < kWriters; ++i) text += "KEY" + std::to_string(i) + "=\nCERT" + std::to_string(i) + "=\n";
  const fs::path file = scratch.write("settings", text);
  const std::string locks = (scratch.path() / "locks").string();
  const Credential* const credentials[] = {&one(), &two(), &three()};
  std::vector<std::string> problems(kWriters);
  std::vector<std::thread> threads;
  for (int i = 0; i < kWriters; ++i) {
    threads.emplace_back([&, i] {
      try {
        TestHost host;
        const std::string number = std::to_string(i);
        const auto plugin = instance<DistributorApi>(
            "settings", options_for(file, {{"KEY" + number, "pkey"}, {"CERT" + number, "cert"}}), host);
        for (int round = 0; round < kRounds; ++round) {
          const Credential& credential = *credentials[(round + i) % 3];
          // as the engine does it
          const auto held =
              sys::lock_resources(locks, plugin->inspect(nullptr).value().resources, std::chrono::minutes(2));
          deliver(*plugin, credential);
          if (plugin->inspect(&credential).value().present != Present::this_one)
            problems[static_cast<std::size_t>(i)] = "lost in round " + std::to_string(round);
        }
      } catch (const Failure& failure) {
        problems[static_cast<std::size_t>(i)] = failure.error().message;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& problem : problems) CHECK(problem == "");
  for (int i = 0; i < kWriters; ++i) {
    TestHost host;
    const std::string number = std::to_string(i);
    const auto plugin = instance<DistributorApi>(
        "settings", options_for(file, {{"KEY" + number, "pkey"}, {"CERT" + number, "cert"}}), host);
    CHECK(plugin->inspect(credentials[(kRounds - 1 + i) % 3]).value().present == Present::this_one);
  }
}

TEST_CASE("a writer that knows no locks loses nothing, and takes nothing from us") {
  const Scratch scratch;
  const fs::path file = scratch.write("settings", with_pair(one()));
  std::atomic<bool> end{false};
  int written = 0;
  // Rewrites the file with a counter, as a web page does: read, change a line, rename.
  std::thread other([&] {
    while (!end) {
      std::string text = Scratch::read(file);
      const auto at = text.find("COUNTER=");
      if (at != std::string::npos) text.resize(at);
      scratch.write("settings.new", text + "COUNTER=" + std::to_string(++written) + "\n");
      if (Scratch::read(file).substr(0, text.size()) == text) fs::rename(scratch.path() / "settings.new", file);
      std::this_thread::sleep_for(std::chrono::milliseconds(15));
    }
  });
  TestHost host;
  const auto plugin = instance<DistributorApi>("settings", options_for(file), host);
  int delivered = 0, disturbed = 0;
  for (int round = 0; round < 30; ++round) {
    const Credential& credential = round % 2 == 0 ? two() : one();
    const Secret token = plugin->prepare(credential, nullptr).value();
    const auto report = plugin->install(credential, token);
    if (report.ok()) {
      ++delivered;
    } else {
      CHECK(report.error().code == "changed-meanwhile");
      CHECK(report.error().retry == RetryClass::later);
      ++disturbed;
    }
  }
  end = true;
  other.join();
  CHECK(delivered > disturbed);
  CHECK(Scratch::read(file).find("IPSEC_PSK=\"hello world\"\n") != std::string::npos);
}
