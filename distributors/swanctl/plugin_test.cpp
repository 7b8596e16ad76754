// The files of "swanctl", as the engine uses the distributor; strongSwan itself is in reload_test.cpp and
// tunnel_test.cpp.
#include <catch2/catch.hpp>
#include <fstream>

#include "distributors/swanctl/control.hpp"
#include "distributors/swanctl/loaded.hpp"
#include "distributors/swanctl/test_charon.hpp"
#include "tests/contract/credentials.hpp"

using namespace swanctl_test;

namespace {

Options options_in(const fs::path& directory, bool root = false) {
  return contract::options(CERTCTL_KIND_DISTRIBUTOR, "swanctl",
                           {{"directory", directory.string()}, {"name", std::string("moon")}, {"root", root}});
}

Error error_of(std::initializer_list<std::pair<std::string, OptionValue>> given) {
  TestHost host;
  try {
    (void)instance<DistributorApi>("swanctl", given, host);
  } catch (const Failure& failure) {
    return failure.error();
  }
  return {};
}

struct Files {
  Scratch scratch;
  fs::path directory = scratch.path() / "swanctl";
  Files() { make_directories(directory); }
};

}  // namespace

TEST_CASE("swanctl is a distributor") {
  const Scratch scratch;
  const fs::path directory = scratch.path() / "swanctl";
  const auto put = [&](const Credential& credential) {
    TestHost host;
    deliver(*instance<DistributorApi>("swanctl", options_in(directory), host), credential);
  };
  DistributorSubject subject;
  subject.make = linked<DistributorApi>("swanctl");
  subject.options = [&] { return options_in(directory); };
  subject.old_credential = test_credential("one");
  subject.new_credential = test_credential("two");
  subject.reset = [&] {
    fs::remove_all(directory);
    make_directories(directory);
    put(subject.old_credential);
  };
  subject.snapshot = [&] { return snapshot_of(scratch.path()); };
  subject.change_neighbour = [&] { scratch.write("swanctl/x509/other.pem", "neighbour"); };
  subject.take_over = [&] { put(test_credential("three")); };
  subject.break_target = [&] { fs::remove_all(directory); };
  distributor_suite(subject);
}

TEST_CASE("swanctl gets each certificate in a file of its own") {
  const Files files;
  TestHost host;
  const Credential one = test_credential("one");
  deliver(*instance<DistributorApi>("swanctl", options_in(files.directory), host), one);
  CHECK(Scratch::read(files.directory / "x509/moon.pem") == one.certificate_pem);
  CHECK(Scratch::read(files.directory / "private/moon.pem") == one.key.pem.reveal());
  CHECK(fs::status(files.directory / "private/moon.pem").permissions() ==
        (fs::perms::owner_read | fs::perms::owner_write));
  CHECK(Scratch::read(files.directory / "x509ca/moon-1.pem") == one.chain_pem[0]);
  CHECK_FALSE(fs::exists(files.directory / "x509ca/moon-2.pem"));
  deliver(*instance<DistributorApi>("swanctl", options_in(files.directory, true), host), one);
  CHECK(Scratch::read(files.directory / "x509ca/moon-1.pem") == one.chain_pem[0]);
  CHECK(Scratch::read(files.directory / "x509ca/moon-2.pem") == one.ca_set_pem[1]);
  const Inspection inspection =
      instance<DistributorApi>("swanctl", options_in(files.directory), host)->inspect(&one).value();
  CHECK(inspection.disturbance == "reload");
  CHECK(inspection.present == Present::other);  // the root is one too many
  CHECK(inspection.resources.back() == "swanctl:" + files.directory.string());
}

TEST_CASE("swanctl removes what a shorter chain leaves behind, and undo brings it back") {
  const Files files;
  TestHost host;
  const auto plugin = instance<DistributorApi>("swanctl", options_in(files.directory), host);
  Credential longer = test_credential("one");
  longer.chain_pem.push_back(test_credential("one").ca_set_pem[1]);
  deliver(*plugin, longer);
  const std::string before = snapshot_of(files.directory);
  CHECK(fs::exists(files.directory / "x509ca/moon-2.pem"));
  const Credential two = test_credential("two");
  const Secret token = plugin->prepare(two, nullptr).value();
  plugin->install(two, token).value();
  CHECK_FALSE(fs::exists(files.directory / "x509ca/moon-2.pem"));
  CHECK(plugin->inspect(&two).value().present == Present::this_one);
  plugin->undo(token).value();
  CHECK(snapshot_of(files.directory) == before);
}

TEST_CASE("swanctl refuses a chain that has no place, and a root that is not there") {
  const Files files;
  TestHost host;
  Credential endless = test_credential("one");
  endless.chain_pem.assign(9, endless.chain_pem[0]);
  CHECK(code_of(instance<DistributorApi>("swanctl", options_in(files.directory), host)->prepare(endless, nullptr)) ==
        "chain-too-long");
  Credential rootless = test_credential("one");
  rootless.ca_set_pem.pop_back();
  CHECK(code_of(
            instance<DistributorApi>("swanctl", options_in(files.directory, true), host)->prepare(rootless, nullptr)) ==
        "credential-incomplete");
  CHECK(fs::is_empty(files.directory / "x509"));
}

TEST_CASE("swanctl takes only plain file names, and a program that can be run") {
  for (const char* name : {"", ".moon", "../moon", "a/b", "a b", "moon\n"}) {
    INFO(name);
    const Error error = error_of({{"name", std::string(name)}});
    check_error(error);
    CHECK(error.code == "bad-option");
  }
  CHECK(error_of({{"name", std::string("moon")}, {"binary", std::string()}}).code == "bad-option");
  CHECK(error_of({{"name", std::string("moon")}, {"timeout", std::chrono::seconds{0}}}).code == "bad-option");
  CHECK(error_of({{"name", std::string("moon.example-1_a")}}).code.empty());
}

TEST_CASE("what swanctl says is read, whatever its exit status") {
  using swanctl::problems_in;
  CHECK(problems_in("").files.empty());
  const auto loaded = problems_in(
      "loaded certificate from '/etc/swanctl/x509/moon.pem'\nopening directory 'x' failed: No such file or "
      "directory\n");
  CHECK(loaded.files.empty());
  CHECK(loaded.configuration.empty());
  const auto failed = problems_in(
      "loading '/etc/swanctl/private/it's.pem' failed: parsing ANY private key failed\n"
      "loading '/etc/swanctl/x509/b.pem' failed: parsing X509 certificate failed\n");
  CHECK(failed.files == std::vector<std::string>{"/etc/swanctl/private/it's.pem", "/etc/swanctl/x509/b.pem"});
  CHECK(failed.first.find("it's.pem") != std::string::npos);
  const auto broken = problems_in(
      "/etc/swanctl/conf.d/x.conf:2: syntax error, unexpected STRING_ERROR\n"
      "invalid config file '/etc/swanctl/swanctl.conf'\n");
  CHECK(broken.configuration.find("swanctl.conf") != std::string::npos);
  CHECK(broken.configuration.find("x.conf:2") != std::string::npos);
}

TEST_CASE("what charon has is compared with what it should have") {
  using probe::LoadedCertificate;
  const TestAuthority authority;
  const auto certificate_of = [](const Credential& credential) {
    return crypto::Certificate::from_pem(credential.certificate_pem);
  };
  const auto old_one = certificate_of(authority.issue("moon"));
  const auto new_one = certificate_of(authority.issue("moon"));
  const auto peer = certificate_of(authority.issue("sun"));
  const auto& issuing = authority.intermediate();
  const auto code = [&](const std::vector<LoadedCertificate>& loaded) -> std::string {
    try {
      const Served served = swanctl::served_of(loaded, new_one, {issuing});
      CHECK(served.known);
      return served.fingerprint == new_one.fingerprint() ? "served" : "other: " + served.detail;
    } catch (const Failure& failure) {
      check_error(failure.error());
      return failure.error().code;
    }
  };
  const LoadedCertificate chain{issuing, false, true};
  CHECK(code({{new_one, true, false}, chain}) == "served");
  CHECK(code({{new_one, false, false}, {new_one, true, false}, chain}) == "served");  // a peer sent it back
  CHECK(code({{old_one, true, false}, {new_one, true, false}, chain}) == "served");
  CHECK(code({{new_one, false, false}, chain}) == "not-served");
  CHECK(code({{old_one, false, false}, {peer, true, false}, chain}) == "not-served");
  CHECK(code({{old_one, true, false}, chain}).find("serial " + old_one.serial()) != std::string::npos);
  CHECK(code({}) == "not-served");
  CHECK(code({{new_one, true, false}}) == "chain-not-served");
  CHECK(code({{new_one, true, false}, {issuing, false, false}}) == "chain-not-served");  // seen, but not trusted
}
