// Two charons in two network namespaces: the peer sees which certificate a tunnel is authenticated with.
#include <catch2/catch.hpp>

#include "distributors/swanctl/test_charon.hpp"
#include "framework/crypto/certificate.hpp"
#include "framework/probe/ike_listing.hpp"
#include "tests/contract/own_namespace.hpp"

using namespace swanctl_test;

namespace {

const End kMoon{"moon", "10.1.0.1", "10.7.1.1", "sun", "10.1.0.2", "10.7.2.1"};
const End kSun{"sun", "10.1.0.2", "10.7.2.1", "moon", "10.1.0.1", "10.7.1.1"};

// A network beside the test's own, joined with it by a cable.
class PeerNetwork {
 public:
  explicit PeerNetwork(const fs::path& directory)
      : keeper_({"unshare", "-n", "sleep", "600"}, directory / "keeper", "util-linux") {
    const fs::path own = fs::read_symlink("/proc/self/ns/net");
    REQUIRE(soon([&] {
      std::error_code error;
      const fs::path there = fs::read_symlink("/proc/" + number() + "/ns/net", error);
      return !error && there != own;
    }));
    shell("ip link add moon type veth peer name sun netns " + number() +
          " && ip addr add 10.1.0.1/24 dev moon && ip link set moon up && ip addr add 10.7.1.1/32 dev lo");
    shell("nsenter -t " + number() +
          " -n sh -c 'ip link set lo up && ip addr add 10.1.0.2/24 dev sun && ip link set sun up"
          " && ip addr add 10.7.2.1/32 dev lo'");
  }
  [[nodiscard]] std::vector<std::string> prefix() const { return {"nsenter", "-t", number(), "-n"}; }

 private:
  [[nodiscard]] std::string number() const { return std::to_string(keeper_.pid()); }
  BackgroundProgram keeper_;
};

bool knows(const Charon& charon, const Credential& credential) {
  for (const auto& one : probe::loaded_certificates(charon.swanctl("--list-certs --type x509 --raw")))
    if (one.certificate.fingerprint() == credential.fingerprint) return true;
  return false;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

}  // namespace

TEST_CASE("a living tunnel stays up over a delivery, and moves to the new certificate when that is asked for") {
  if (!as_root_with(Need::network)) return;
  if (!fs::exists("/dev/net/tun")) FAIL("this test needs /dev/net/tun (modprobe tun)");
  const Scratch scratch;
  const TestAuthority authority;
  const Credential old_one = authority.issue("moon", "moon.test");
  const Credential new_one = authority.issue("moon", "moon.test");
  const PeerNetwork peer(scratch.path());
  Charon sun(scratch.path() / "sun", kSun, peer.prefix());
  Charon moon(scratch.path() / "moon", kMoon);
  sun.give(authority.issue("sun", "sun.test"), authority);
  moon.give(old_one, authority);
  const std::string initiated = moon.swanctl("--initiate --child inside --timeout 60");
  INFO(initiated << moon.log() << sun.log());
  REQUIRE(initiated.find("initiate completed successfully") != std::string::npos);
  CHECK(knows(sun, old_one));
  CHECK_FALSE(knows(sun, new_one));
  CHECK(count(sun.log(), "received end entity cert \"CN=moon\"") == 1);

  TestHost host;
  const auto quiet = instance<DistributorApi>("swanctl", moon.options(), host);
  deliver(*quiet, new_one);
  quiet->reload().value();
  CHECK(quiet->verify(new_one).value().fingerprint == new_one.fingerprint);
  const std::string held = moon.swanctl("--list-sas");
  CHECK(held.find("tunnel: #1, ESTABLISHED") != std::string::npos);
  CHECK(held.find("inside: #1, reqid 1, INSTALLED") != std::string::npos);
  CHECK_FALSE(knows(sun, new_one));

  const auto moving = instance<DistributorApi>(
      "swanctl", moon.options({{"reauthenticate", std::vector<std::string>{"tunnel", "nobody"}}}), host);
  CHECK(moving->reload_key().value() != quiet->reload_key().value());
  moving->reload().value();
  CHECK(host.state().logged("no IKE_SA of 'nobody'"));
  CHECK(soon([&] { return knows(sun, new_one); }));
  CHECK(soon([&] { return moon.swanctl("--list-sas").find("tunnel: #2, ESTABLISHED") != std::string::npos; }));
  CHECK(soon([&] { return moon.swanctl("--list-sas").find("INSTALLED") != std::string::npos; }));
  CHECK(count(sun.log(), "received end entity cert \"CN=moon\"") == 2);
  CHECK(count(sun.log(), "IKE_SA tunnel[2] established") == 1);
}
