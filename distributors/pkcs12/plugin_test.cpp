// The distributor "pkcs12" as the engine uses it; the openssl program reads what it writes.
#include <catch2/catch.hpp>

#include "framework/crypto/pkcs12.hpp"
#include "framework/sys/subprocess.hpp"
#include "tests/contract/credentials.hpp"
#include "tests/contract/distributor_suite.hpp"

using namespace certctl;
using namespace certctl::contract;
namespace fs = std::filesystem;

namespace {

using Given = std::initializer_list<std::pair<std::string, OptionValue>>;

const std::string kPassword = "a pass \xc3\xa4 word";

SecretSource secret(const std::string& text) {
  return {"", Secret(text)};
}

Options options_for(const fs::path& file, Given more = {}) {
  Options options =
      contract::options(CERTCTL_KIND_DISTRIBUTOR, "pkcs12", {{"file", file.string()}, {"password", secret(kPassword)}});
  for (const auto& [name, value] : more) options.set(name, value);
  return options;
}

void deliver(DistributorApi& plugin, const Credential& credential) {
  plugin.install(credential, plugin.prepare(credential, nullptr).value()).value();
}

std::string openssl(const std::string& arguments, const fs::path& file, const std::string& password = kPassword) {
  sys::ProcessRequest request;
  request.command = {true, {"openssl pkcs12 -in " + file.string() + " -passin env:PASSWORD " + arguments + " 2>&1"}};
  request.environment = {"PATH=/usr/bin:/bin", "PASSWORD=" + password};
  request.output_limit = 1U << 16U;
  const auto result = sys::run_process(request);
  return (result.succeeded() ? "" : "failed: ") + result.output;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

std::string error_of(Given given) {
  TestHost host;
  try {
    (void)instance<DistributorApi>("pkcs12", given, host);
  } catch (const Failure& failure) {
    check_error(failure.error());
    return failure.error().code;
  }
  return {};
}

void check_suite(const std::string& encryption) {
  const Scratch scratch;
  const fs::path directory = scratch.path() / "java";
  const auto options = [&] { return options_for(directory / "key.p12", {{"encryption", encryption}}); };
  const auto put = [&](const Credential& credential) {
    TestHost host;
    deliver(*instance<DistributorApi>("pkcs12", options(), host), credential);
  };
  // One file for all rounds: a new one would have other salts.
  fs::create_directory(directory);
  put(test_credential("one"));
  const std::string old_file = Scratch::read(directory / "key.p12");
  fs::remove(directory / "key.p12");
  put(test_credential("three"));
  const std::string third_file = Scratch::read(directory / "key.p12");
  DistributorSubject subject;
  subject.make = linked<DistributorApi>("pkcs12");
  subject.options = options;
  subject.old_credential = test_credential("one");
  subject.new_credential = test_credential("two");
  subject.reset = [&] {
    fs::remove_all(directory);
    scratch.write("java/key.p12", old_file);
  };
  subject.snapshot = [&] { return snapshot_of(scratch.path()); };
  subject.change_neighbour = [&] { scratch.write("java/other.p12", "neighbour"); };
  subject.take_over = [&] { scratch.write("java/key.p12", third_file); };
  subject.break_target = [&] { fs::remove_all(directory); };
  subject.secret = kPassword;
  distributor_suite(subject);
}

}  // namespace

TEST_CASE("pkcs12 is a distributor: modern encryption") {
  check_suite("modern");
}

TEST_CASE("pkcs12 is a distributor: legacy encryption") {
  check_suite("legacy");
}

TEST_CASE("the openssl program reads the file") {
  const Scratch scratch;
  TestHost host;
  const fs::path file = scratch.path() / "key.p12";
  const Credential one = test_credential("one");
  deliver(
      *instance<DistributorApi>("pkcs12", options_for(file, {{"friendly_name", std::string("device \xc3\xbc")}}), host),
      one);
  CHECK(fs::status(file).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
  const std::string all = openssl("-nodes", file);
  CHECK(count(all, "BEGIN CERTIFICATE") == 2);
  CHECK(all.find(one.certificate_pem) != std::string::npos);
  CHECK(all.find(one.chain_pem[0]) != std::string::npos);
  CHECK(all.find(one.key.pem.reveal()) != std::string::npos);
  CHECK(all.find("friendlyName: device ") != std::string::npos);
  CHECK(openssl("-nodes -clcerts -nokeys", file).find(one.certificate_pem) != std::string::npos);
  const std::string info = openssl("-info -noout", file);
  CHECK(info.find("MAC: sha256") != std::string::npos);
  CHECK(info.find("Shrouded Keybag: PBES2, PBKDF2, AES-256-CBC") != std::string::npos);
  CHECK(openssl("-noout", file, "wrong").find("failed") != std::string::npos);
}

TEST_CASE("legacy encryption, and the root") {
  const Scratch scratch;
  TestHost host;
  const fs::path file = scratch.path() / "key.pfx";
  const Credential one = test_credential("one");
  const auto plugin = instance<DistributorApi>(
      "pkcs12", options_for(file, {{"encryption", std::string("legacy")}, {"ca", true}}), host);
  deliver(*plugin, one);
  const std::string info = openssl("-info -noout", file);
  CHECK(info.find("MAC: sha1") != std::string::npos);
  CHECK(info.find("pbeWithSHA1And3-KeyTripleDES-CBC") != std::string::npos);
  CHECK(info.find("AES") == std::string::npos);
  const std::string all = openssl("-nodes", file);
  CHECK(count(all, "BEGIN CERTIFICATE") == 3);
  CHECK(all.find(one.ca_set_pem[1]) != std::string::npos);
  CHECK(plugin->inspect(&one).value().present == Present::this_one);
  // Without the root it is another file, and so it is with another encryption or name.
  CHECK(instance<DistributorApi>("pkcs12", options_for(file), host)->inspect(&one).value().present == Present::other);
  const std::string before = Scratch::read(file);
  deliver(*plugin, one);
  CHECK(Scratch::read(file) == before);
  deliver(*instance<DistributorApi>("pkcs12", options_for(file, {{"ca", true}}), host), one);
  CHECK(openssl("-info -noout", file).find("MAC: sha256") != std::string::npos);
  Credential rootless = one;
  rootless.ca_set_pem.pop_back();
  CHECK(code_of(plugin->prepare(rootless, nullptr)) == "credential-incomplete");
}

TEST_CASE("a file of the openssl program is recognised; one with another password is another") {
  const Scratch scratch;
  TestHost host;
  const fs::path file = scratch.path() / "key.p12";
  const Credential one = test_credential("one");
  const fs::path key = scratch.write("key", one.key.pem.reveal());
  const fs::path certificate = scratch.write("crt", one.certificate_pem + one.chain_pem[0]);
  CHECK(openssl("-export -inkey " + key.string() + " -in " + certificate.string() + " -out " + file.string() +
                    " -passout env:PASSWORD",
                certificate)
            .empty());
  CHECK(instance<DistributorApi>("pkcs12", options_for(file), host)->inspect(&one).value().present ==
        Present::this_one);
  const auto locked = instance<DistributorApi>("pkcs12", options_for(file, {{"password", secret("other")}}), host);
  CHECK(locked->inspect(&one).value().present == Present::other);
  deliver(*locked, one);
  CHECK(locked->inspect(&one).value().present == Present::this_one);
  CHECK(openssl("-noout", file, "other").empty());
}

TEST_CASE("the password of pkcs12") {
  const Scratch scratch;
  TestHost host;
  const fs::path file = scratch.path() / "key.p12";
  const Credential one = test_credential("one");
  CHECK(error_of({{"file", file.string()}}) == "bad-option");
  CHECK(error_of({{"file", file.string()}, {"password", secret("")}}) == "bad-option");
  CHECK(error_of({{"file", file.string()}, {"password", secret("x")}, {"friendly_name", std::string(201, 'x')}}) ==
        "bad-option");
  SECTION("from a file, which may be empty or gone") {
    const fs::path source = scratch.write("password", "from file\n");
    const auto plugin =
        instance<DistributorApi>("pkcs12", options_for(file, {{"password", SecretSource{source.string(), {}}}}), host);
    deliver(*plugin, one);
    CHECK(openssl("-noout", file, "from file").empty());
    const Secret token = plugin->prepare(test_credential("two"), nullptr).value();
    scratch.write("password", "\n");
    CHECK(code_of(plugin->prepare(one, nullptr)) == "bad-option");
    fs::remove(source);
    CHECK(code_of(plugin->inspect(&one)) == "secret-unreadable");
    CHECK(plugin->install(test_credential("two"), token).ok());  // the token has all
    CHECK(plugin->undo(token).ok());
    CHECK(openssl("-nodes", file, "from file").find(one.certificate_pem) != std::string::npos);
  }
  SECTION("empty, if that is allowed") {
    const auto plugin =
        instance<DistributorApi>("pkcs12", {{"file", file.string()}, {"allow_empty_password", true}}, host);
    deliver(*plugin, one);
    CHECK(openssl("-noout", file, "").empty());
    CHECK(plugin->inspect(&one).value().present == Present::this_one);
  }
}
