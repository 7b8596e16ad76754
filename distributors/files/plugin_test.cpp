// The distributor "files" as the engine uses it; the openssl program reads what it writes.
#include "distributors/files/test_target.hpp"

#include <catch2/catch.hpp>

#include "tests/contract/own_namespace.hpp"

using namespace files_test;

namespace {

const Credential& one() {
  static const Credential made = test_credential("one");
  return made;
}
const Credential& three() {
  static const Credential made = test_credential("three");
  return made;
}

std::string error_of(std::initializer_list<std::pair<std::string, OptionValue>> given) {
  TestHost host;
  try {
    (void)plugin_files(given, host);
  } catch (const Failure& failure) {
    CHECK(failure.error().code == "bad-option");
    CHECK(failure.error().retry == RetryClass::never);
    CHECK_FALSE(failure.error().hint.empty());
    return failure.error().message;
  }
  return {};
}

// Options that name every kind of file in the directory.
Options all_in(const fs::path& directory) {
  return contract::options(CERTCTL_KIND_DISTRIBUTOR, "files",
                           {{"key", path(directory / "tls.key")},
                            {"certificate", path(directory / "tls.crt")},
                            {"chain", path(directory / "chain.pem")},
                            {"fullchain", path(directory / "full.pem")},
                            {"ca", path(directory / "ca.pem")},
                            {"combined", path(directory / "all.pem")}});
}

void check_suite(const std::function<Options(const fs::path&)>& options, const std::string& gone) {
  const Scratch scratch;
  const fs::path directory = scratch.path() / "ssl";
  const auto put = [&](const Credential& credential) {
    TestHost host;
    deliver(*instance<DistributorApi>("files", options(directory), host), credential);
  };
  DistributorSubject subject;
  subject.make = linked<DistributorApi>("files");
  subject.options = [&] { return options(directory); };
  subject.old_credential = one();
  subject.new_credential = two();
  subject.reset = [&] {
    fs::remove_all(directory);
    fs::create_directory(directory);
    put(one());
  };
  subject.snapshot = [&] { return snapshot_of(scratch.path()); };
  subject.change_neighbour = [&] { scratch.write("ssl/other.pem", "neighbour"); };
  subject.take_over = [&] { put(three()); };
  if (!gone.empty()) subject.break_target = [&] { fs::remove_all(directory); };
  distributor_suite(subject);
}

}  // namespace

TEST_CASE("files is a distributor: every kind of file") {
  check_suite(all_in, "directory");
}

TEST_CASE("files is a distributor: one combined file") {
  check_suite(
      [](const fs::path& directory) {
        return contract::options(CERTCTL_KIND_DISTRIBUTOR, "files", {{"combined", path(directory / "haproxy.pem")}});
      },
      "directory");
}

TEST_CASE("files is a distributor: DER") {
  check_suite(
      [](const fs::path& directory) {
        return contract::options(
            CERTCTL_KIND_DISTRIBUTOR, "files",
            {{"key", path(directory / "key.der")}, {"certificate", path(directory / "cert.der")}, {"der", true}});
      },
      "");
}

TEST_CASE("options that make no sense are refused with what to do") {
  CHECK(error_of({}).find("no file") != std::string::npos);
  CHECK(error_of({{"key", std::string("/a")}, {"certificate", std::string("/a")}}).find("same file") !=
        std::string::npos);
  CHECK(error_of({{"fullchain", std::string("/a")}, {"der", true}}).find("DER") != std::string::npos);
  CHECK(error_of({{"key", std::string("/a")}, {"mode", std::string("rw")}}).find("'rw'") != std::string::npos);
  CHECK(error_of({{"key", std::string("/a")}, {"mode", std::string("4755")}}).find("mode") != std::string::npos);
  CHECK(error_of({{"key", std::string("/a")}, {"key_mode", std::string("0644")}}).find("everybody") !=
        std::string::npos);
  CHECK(error_of({{"key", std::string("/a")}, {"key_mode", std::string("0640")}}).empty());
}

TEST_CASE("other programs read what is written") {
  const Scratch scratch;
  TestHost host;
  const auto plugin = instance<DistributorApi>("files", all_in(scratch.path()), host);
  CHECK(plugin->inspect(&two()).value().present == Present::none);
  deliver(*plugin, two());
  CHECK(plugin->inspect(&two()).value().present == Present::this_one);
  CHECK(Scratch::read(scratch.path() / "tls.key") == two().key.pem.reveal());
  CHECK(Scratch::read(scratch.path() / "tls.crt") == two().certificate_pem);
  CHECK(Scratch::read(scratch.path() / "chain.pem") == two().chain_pem[0]);
  CHECK(Scratch::read(scratch.path() / "full.pem") == two().certificate_pem + two().chain_pem[0]);
  CHECK(Scratch::read(scratch.path() / "ca.pem") == two().ca_set_pem[0] + two().ca_set_pem[1]);
  CHECK(Scratch::read(scratch.path() / "all.pem") ==
        two().key.pem.reveal() + two().certificate_pem + two().chain_pem[0]);
  CHECK(shell("openssl verify -no_check_time -CAfile ca.pem -untrusted chain.pem tls.crt 2>&1", scratch.path())
            .find("tls.crt: OK") != std::string::npos);
}

TEST_CASE("DER, and the format of the key") {
  const Scratch scratch;
  TestHost host;
  const auto plugin = [&](const std::string& format, bool der) {
    return plugin_files({{"key", path(scratch.path() / "key")},
                         {"certificate", path(scratch.path() / "crt")},
                         {"der", der},
                         {"key_format", format}},
                        host);
  };
  deliver(*plugin("pkcs8", true), two());
  CHECK(shell("openssl x509 -inform der -in crt", scratch.path()) == two().certificate_pem);
  CHECK(shell("openssl pkey -inform der -in key", scratch.path()) == two().key.pem.reveal());
  deliver(*plugin("traditional", true), two());
  CHECK(shell("openssl rsa -traditional -inform der -in key -out out 2>/dev/null && openssl pkey -in out",
              scratch.path()) == two().key.pem.reveal());
  CHECK(plugin("auto", true)->inspect(&two()).value().present == Present::this_one);
  // auto: as the key that is there
  deliver(*plugin("traditional", false), two());
  CHECK(Scratch::read(scratch.path() / "key").starts_with("-----BEGIN RSA PRIVATE KEY-----\n"));
  deliver(*plugin("auto", false), one());
  CHECK(Scratch::read(scratch.path() / "key").starts_with("-----BEGIN RSA PRIVATE KEY-----\n"));
  deliver(*plugin("auto", false), three());
  CHECK(Scratch::read(scratch.path() / "key") == three().key.pem.reveal());
  deliver(*plugin("auto", false), one());
  CHECK(Scratch::read(scratch.path() / "key") == one().key.pem.reveal());
}

TEST_CASE("owner and mode: those asked for, else those that are there, else private") {
  if (!contract::as_root_with(contract::Need::users)) return;
  const Scratch scratch;
  const fs::path key = scratch.path() / "key", certificate = scratch.path() / "crt";
  TestHost host;
  const auto plain = plugin_files({{"key", path(key)}, {"certificate", path(certificate)}}, host);
  deliver(*plain, one());
  CHECK(mode_of(key) == 0600);
  CHECK(mode_of(certificate) == 0644);
  SECTION("those that are there stay, and come back") {
    REQUIRE(::chmod(key.c_str(), 0640) == 0);
    REQUIRE(::chmod(certificate.c_str(), 0600) == 0);
    REQUIRE(::chown(key.c_str(), 0, 4321) == 0);
    deliver(*plain, two());
    CHECK(mode_of(key) == 0640);
    CHECK(mode_of(certificate) == 0600);
    CHECK(status_of(key).st_gid == 4321);
  }
  SECTION("those asked for are set, also on files with the right content; undo takes them back") {
    const auto strict = plugin_files({{"key", path(key)},
                                      {"certificate", path(certificate)},
                                      {"mode", std::string("0600")},
                                      {"key_mode", std::string("0400")}},
                                     host);
    const Secret token = strict->prepare(one(), nullptr).value();
    CHECK(strict->install(one(), token).value().changed);
    CHECK(mode_of(key) == 0400);
    CHECK(mode_of(certificate) == 0600);
    CHECK_FALSE(strict->install(one(), token).value().changed);
    strict->undo(token).value();
    CHECK(mode_of(key) == 0600);
    CHECK(mode_of(certificate) == 0644);
  }
  SECTION("a key that others can read is said to be that") {
    REQUIRE(::chmod(key.c_str(), 0644) == 0);
    const auto report = plain->install(two(), plain->prepare(two(), nullptr).value()).value();
    REQUIRE(report.warnings.size() == 1);
    CHECK(report.warnings[0].find("key_mode") != std::string::npos);
  }
  SECTION("by name and by number") {
    const auto named =
        plugin_files({{"key", path(key)}, {"owner", std::string("daemon")}, {"group", std::string("4321")}}, host);
    deliver(*named, two());
    CHECK(status_of(key).st_uid == 1);
    CHECK(status_of(key).st_gid == 4321);
    CHECK(mode_of(key) == 0600);
    // taken back whole
    const auto other = plugin_files({{"key", path(key)}, {"owner", std::string("0")}}, host);
    const Secret token = other->prepare(one(), nullptr).value();
    other->install(one(), token).value();
    CHECK(status_of(key).st_uid == 0);
    other->undo(token).value();
    CHECK(status_of(key).st_uid == 1);
    CHECK(Scratch::read(key) == two().key.pem.reveal());
  }
  SECTION("a user who does not exist") {
    const auto nobody = plugin_files({{"key", path(key)}, {"owner", std::string("no-such-user")}}, host);
    CHECK(code_of(nobody->prepare(two(), nullptr)) == "bad-option");
    const auto group = plugin_files({{"key", path(key)}, {"group", std::string("no-such-group")}}, host);
    CHECK(code_of(group->prepare(two(), nullptr)) == "bad-option");
  }
}

TEST_CASE("undo of a first delivery leaves nothing behind") {
  const Scratch scratch;
  TestHost host;
  const auto plugin = instance<DistributorApi>("files", all_in(scratch.path()), host);
  const Secret token = plugin->prepare(two(), nullptr).value();
  plugin->install(two(), token).value();
  CHECK(entries(scratch.path()) == 6);
  scratch.write("tls.crt", one().certificate_pem);  // by somebody else
  plugin->undo(token).value();
  CHECK(entries(scratch.path()) == 1);
  CHECK(host.state().logged("tls.crt was changed by somebody else"));
  CHECK(Scratch::read(scratch.path() / "tls.crt") == one().certificate_pem);
}

TEST_CASE("what inspect says of a pair that is none") {
  const Scratch scratch;
  TestHost host;
  const auto plugin =
      plugin_files({{"key", path(scratch.path() / "key")}, {"certificate", path(scratch.path() / "crt")}}, host);
  scratch.write("crt", two().certificate_pem);
  Inspection seen = plugin->inspect(&two()).value();
  CHECK(seen.present == Present::other);
  CHECK(seen.detail.find("in part") != std::string::npos);
  REQUIRE(seen.diff.size() == 1);
  CHECK(seen.diff[0].find("not there -> public key sha256:") != std::string::npos);
  scratch.write("key", one().key.pem.reveal());
  CHECK(plugin->inspect(&two()).value().present == Present::other);
  scratch.write("key", "hello");
  seen = plugin->inspect(&two()).value();
  CHECK(seen.present == Present::other);
  REQUIRE(seen.diff.size() == 1);
  CHECK(seen.diff[0].find("hello") == std::string::npos);
  // text around PEM is no difference
  scratch.write("key", "# made by hand\n" + two().key.pem.reveal());
  CHECK(plugin->inspect(&two()).value().present == Present::this_one);
}

TEST_CASE("a key that cannot be exported: its certificate can be delivered") {
  const Scratch scratch;
  TestHost host;
  Credential token_key = two();
  token_key.key.pem.clear();
  token_key.key.provider = "pkcs11";
  const auto certificate = plugin_files({{"fullchain", path(scratch.path() / "crt")}}, host);
  deliver(*certificate, token_key);
  CHECK(certificate->inspect(&token_key).value().present == Present::this_one);
  const auto both = plugin_files({{"combined", path(scratch.path() / "all")}}, host);
  CHECK(code_of(both->prepare(token_key, nullptr)) == "key-not-exportable");
  CHECK(entries(scratch.path()) == 1);
}
