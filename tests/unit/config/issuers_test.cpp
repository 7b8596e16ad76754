// `issuers:`, a list in the place of `issuer`.
#include <catch2/catch.hpp>

#include "framework/config/lint.hpp"
#include "framework/config/profile.hpp"
#include "framework/config/profile_hash.hpp"
#include "tests/unit/config/scene.hpp"

using namespace certctl;
using namespace certctl::config;
using namespace certctl::config_test;

namespace {

const std::string kFirst = R"({ scep: { url: "http://one.example/scep", ca_fingerprint: "sha256:01" } })";
const std::string kSecond = R"({ scep: { url: "http://two.example/scep", ca_fingerprint: "sha256:02" } })";

Texts complaints(const std::map<std::string, std::string>& changes) {
  Scene scene;
  scene.profile("p", profile_text(changes));
  return scene.complaints();
}

}  // namespace

TEST_CASE("issuers are read in their order") {
  Scene scene;
  scene.profile("p", profile_text({{"issuer", ""}, {"issuers", "[ " + kFirst + ", " + kSecond + ", { other: {} } ]"}}));
  const Loaded loaded = scene.load();
  CHECK(scene.texts(loaded.diagnostics) == Texts{});
  REQUIRE(loaded.profiles.size() == 1);
  const Profile& p = loaded.profiles[0];
  REQUIRE(p.issuers.size() == 3);
  CHECK(p.issuers[0].options.text("url") == "http://one.example/scep");
  CHECK(p.issuers[1].options.text("url") == "http://two.example/scep");
  CHECK(p.issuers[2].plugin == "other");
  const auto hashes = issuer_hashes(p);
  CHECK(hashes[0] == hash_profile(p).issuer);
  CHECK(hashes[0] != hashes[1]);
  CHECK(request_hash(p, 0) == hash_profile(p).request);
  CHECK(request_hash(p, 1) != request_hash(p, 0));
}

TEST_CASE("one issuer in the list is the same profile as without a list") {
  Scene scene;
  scene.profile("p", profile_text({{"issuer", kFirst}}));
  const ProfileHashes alone = hash_profile(scene.load().profiles.at(0));
  scene.profile("p", profile_text({{"issuer", ""}, {"issuers", "[ " + kFirst + " ]"}}));
  const ProfileHashes listed = hash_profile(scene.load().profiles.at(0));
  CHECK(alone.request == listed.request);
  CHECK(alone.issuer == listed.issuer);
  CHECK(alone.configuration == listed.configuration);
}

TEST_CASE("what cannot be a list of issuers") {
  CHECK(complaints({{"issuers", "[ " + kFirst + " ]"}}) ==
        Texts{"profiles.d/p.yaml:5:1: error: issuer and issuers are both written (put the issuer into the list "
              "`issuers`, in the order in which they are to be asked)"});
  CHECK(complaints({{"issuer", ""}, {"issuers", kFirst}}).at(0).find("issuers must be a list") != std::string::npos);
  CHECK(complaints({{"issuer", ""}, {"issuers", "[]"}}).at(0).find("at least one issuer") != std::string::npos);
  CHECK(complaints({{"issuer", ""}, {"issuers", "[ " + kFirst + ", " + kSecond + ", " + kFirst + " ]"}})
            .at(0)
            .find("issuers[2] is the same issuer as issuers[0]") != std::string::npos);
  CHECK(complaints({{"issuer", ""}, {"issuers", "[ " + kFirst + ", { scep: { url: u } } ]"}})
            .at(0)
            .find("nothing says which CA is trusted") != std::string::npos);
  CHECK(complaints({{"issuer", ""}, {"issuers", "[ " + kFirst + ", { nobody: {} } ]"}}).at(0).find("nobody") !=
        std::string::npos);
}

TEST_CASE("issuers in a profile stand for the issuer of the defaults, and the other way round") {
  Scene scene("schema: 1\ndefaults: { issuer: " + kFirst + " }\n");
  scene.profile("p", profile_text({{"issuer", ""}, {"issuers", "[ " + kSecond + " ]"}}));
  CHECK(scene.load().profiles.at(0).issuers.at(0).options.text("url") == "http://two.example/scep");
  Scene list("schema: 1\ndefaults: { issuers: [ " + kFirst + ", { other: {} } ] }\n");
  list.profile("p", profile_text({{"issuer", kSecond}}));
  list.profile("q", profile_text({{"profile", "q"}, {"issuer", ""}}));
  const Loaded loaded = list.load();
  REQUIRE(loaded.profiles.size() == 2);
  CHECK(loaded.profiles[0].issuers.size() == 1);
  CHECK(loaded.profiles[1].issuers.size() == 2);
}

TEST_CASE("each issuer is judged by its plugin, at its place") {
  Scene scene;
  scene.profile("p", profile_text({{"issuer", ""}, {"issuers", "[ " + kFirst + ",\n  " + kSecond + " ]"}}));
  const auto judge = [](PluginKind, const PluginUse& use, const Profile&) -> std::optional<Error> {
    if (use.plugin != "scep" || use.options.text("url") != "http://two.example/scep") return std::nullopt;
    return Error{"bad-option", "url is not good", "", RetryClass::never, {}};
  };
  const auto found = scene.texts(lint(scene.load(), judge));
  REQUIRE(found.size() == 1);
  CHECK(found[0].find("profiles.d/p.yaml:5:13: error: scep: url is not good") == 0);
}
