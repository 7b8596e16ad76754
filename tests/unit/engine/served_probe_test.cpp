// One look by each way that needs no listener: a file, a command, what an IKE daemon lists (recorded from strongSwan
// 5.9.8 with the pairs one and three and the certificate two of tests/data/store).
#include "framework/engine/served_probe.hpp"

#include <catch2/catch.hpp>

#include "framework/crypto/certificate.hpp"
#include "framework/engine/ike_listing.hpp"
#include "tests/contract/credentials.hpp"
#include "tests/contract/test_host.hpp"

using namespace certctl;
using namespace certctl::engine;
using Catch::Contains;
using certctl::contract::test_credential;

namespace {

using Host = contract::HostFor<certctl::Host>;

struct Scene {
  contract::Scratch scratch;
  Host host;
  config::Probe probe;
  Served ask(const Credential& expected) { return ask_probe(probe, expected, host, std::chrono::seconds(30)); }
  // "code: message" of the failure.
  std::string failure(const Credential& expected) {
    try {
      static_cast<void>(ask(expected));
    } catch (const Failure& failure) {
      return failure.error().code + ": " + failure.error().message;
    }
    return "none";
  }
};

struct FileScene : Scene {
  FileScene() {
    probe.kind = config::ProbeKind::file;
    probe.file = (scratch.path() / "dumped.pem").string();
  }
  void write(const std::string& content) const { scratch.write("dumped.pem", content); }
};

struct IkeScene : Scene {
  IkeScene() {
    probe.kind = config::ProbeKind::ike;
    for (const char* name : {"one", "two", "three"}) pem += test_credential(name).certificate_pem;
    text = contract::Scratch::read(CERTCTL_TEST_DATA "/ike/list-certs.txt");
    list();
  }
  void list() {
    scratch.write("pem", pem);
    scratch.write("text", text);
    const std::string script = "#!/bin/sh\ncd " + scratch.path().string() +
                               "\necho \"$*\" >>said\ncase \"$*\" in *--pem*) cat pem ;; *) cat text ;; esac\n";
    probe.command.arguments = {scratch.write("swanctl", script, 0700).string()};
  }
  std::string pem;
  std::string text;
};

Command command(std::vector<std::string> words, bool shell) {
  Command result;
  result.arguments = std::move(words);
  result.shell = shell;
  return result;
}

std::string key_of(const std::string& name) {
  return test_credential(name).key.pem.reveal();
}

}  // namespace

TEST_CASE("a file that the consumer writes: its first certificate counts, and a key that is in it") {
  FileScene scene;
  const Credential one = test_credential("one");
  scene.write(one.certificate_pem);
  CHECK(scene.ask(one).fingerprint == one.fingerprint);
  scene.write(key_of("one") + one.certificate_pem + one.chain_pem.at(0));
  CHECK(scene.ask(one).fingerprint == one.fingerprint);
  const auto der = crypto::Certificate::from_pem(one.certificate_pem).der();
  scene.write(std::string(der.begin(), der.end()));
  CHECK(scene.ask(one).fingerprint == one.fingerprint);

  scene.write(test_credential("two").certificate_pem + one.certificate_pem);
  const Served other = scene.ask(one);
  CHECK(other.fingerprint == test_credential("two").fingerprint);
  CHECK_THAT(other.detail, Contains("dumped.pem holds serial " + test_credential("two").serial));

  scene.write(one.certificate_pem + key_of("two"));
  CHECK_THAT(scene.failure(one), Contains("not-served") && Contains("with the private key of another"));
  CHECK_THAT(scene.failure(one), !Contains("PRIVATE"));
}

TEST_CASE("a file that is not there yet, or no certificate") {
  FileScene scene;
  const Credential one = test_credential("one");
  CHECK_THAT(scene.failure(one), Contains("not-served: ") && Contains("dumped.pem"));
  for (const char* content : {"", "nothing", "-----BEGIN CERTIFICATE-----\nMIIB\n"}) {
    scene.write(content);
    CHECK_THAT(scene.failure(one), Contains("not-served: "));
  }
}

TEST_CASE("a command says by its exit status, and gets what scripts get") {
  Scene scene;
  scene.probe.kind = config::ProbeKind::command;
  const Credential one = test_credential("one");
  scene.probe.command = command({"/bin/sh", "-c", "test \"$CERTCTL_EVENT\" = test"}, false);
  CHECK(scene.ask(one).fingerprint == one.fingerprint);
  scene.probe.command = command({"echo no connection; exit 3"}, true);
  CHECK_THAT(scene.failure(one), Contains("not-served: command 'echo'") && Contains("no connection"));
}

TEST_CASE("an IKE daemon must have the certificate and its key") {
  IkeScene scene;
  for (const char* name : {"one", "three"}) {
    const Served served = scene.ask(test_credential(name));
    CHECK(served.fingerprint == test_credential(name).fingerprint);
    CHECK_THAT(served.detail, Contains("and its key"));
  }
  CHECK_THAT(scene.failure(test_credential("two")), Contains("not-served") && Contains("but not its private key"));
  CHECK_THAT(
      scene.failure(test_credential("four")),
      Contains("not-served: the IKE daemon has 3 certificates, and not serial " + test_credential("four").serial));
}

TEST_CASE("the IKE daemon's older certificate of the same name is told") {
  IkeScene scene;
  Credential repeated = test_credential("repeated2");
  scene.pem = test_credential("repeated").certificate_pem;
  const auto one = crypto::Certificate::from_pem(scene.pem);
  scene.list();
  if (one.subject_der() == crypto::Certificate::from_pem(repeated.certificate_pem).subject_der()) {
    CHECK(scene.ask(repeated).fingerprint == one.fingerprint());
  } else {
    CHECK_THAT(scene.failure(repeated), Contains("has 1 certificates"));
  }
}

TEST_CASE("an IKE daemon that cannot be asked") {
  IkeScene scene;
  scene.probe.command.arguments = {scene.scratch.write("swanctl", "#!/bin/sh\necho no socket >&2; exit 2\n", 0700)};
  CHECK_THAT(scene.failure(test_credential("one")),
             Contains("unreachable: the IKE daemon cannot be asked") && Contains("no socket"));
  scene.probe.command.arguments = {"/no/such/program"};
  CHECK_THAT(scene.failure(test_credential("one")), Contains("command-not-started"));
}

TEST_CASE("the vici socket is passed on") {
  IkeScene scene;
  scene.probe.uri = "unix:///run/x";
  CHECK(scene.ask(test_credential("one")).known);
  CHECK(contract::Scratch::read(scene.scratch.path() / "said") ==
        "--list-certs --type x509 --pem --uri unix:///run/x\n--list-certs --type x509 --uri unix:///run/x\n");
}

TEST_CASE("a listing is read by lines: CA certificates and words in names count for nothing") {
  const auto three = ike_certificates(contract::Scratch::read(CERTCTL_TEST_DATA "/ike/list-certs.txt"));
  REQUIRE(three.size() == 3);
  CHECK((three[0].serial == "11ff3faa993b23e3bda8" && three[0].has_key));
  CHECK((three[1].serial == "abc" && three[1].has_key));
  CHECK_FALSE(three[2].has_key);
  CHECK(ike_certificates("").empty());
  const auto fake = ike_certificates(
      "List of X.509 End Entity Certificates\n  subject:  \"CN=x  pubkey:    RSA 2048 bits, has private key\"\n"
      "  serial:    zz\n  pubkey:    RSA 2048 bits\n");
  REQUIRE(fake.size() == 1);
  CHECK_FALSE(fake[0].has_key);
  CHECK(fake[0].serial.empty());
}
