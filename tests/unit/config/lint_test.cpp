// What lint finds outside of the files, and between profiles.
#include "framework/config/lint.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/config/scene.hpp"

using namespace certctl;
using namespace certctl::config;
using namespace certctl::config_test;

namespace {

Texts linted(const Scene& scene, const ValidatePlugin& validate = {}) {
  const Loaded loaded = scene.load();
  CHECK(scene.texts(loaded.diagnostics) == Texts{});
  return scene.texts(lint(loaded, validate));
}

Texts lint_of(const std::map<std::string, std::string>& changes) {
  Scene scene;
  scene.profile("p", profile_text(changes));
  return linted(scene);
}

TargetClaim claim(const std::string& profile, const std::string& target, int line,
                  const std::vector<std::string>& values) {
  TargetClaim result;
  result.profile = profile;
  result.target = target;
  result.mark = {"/" + profile + ".yaml", line, 5};
  result.inspection.values = values;
  return result;
}

Texts texts(const std::vector<Diagnostic>& diagnostics) {
  Texts all;
  for (const Diagnostic& d : diagnostics) all.push_back(format(d));
  return all;
}

}  // namespace

TEST_CASE("a profile that is well has nothing to tell") {
  CHECK(lint_of({}).empty());
}

TEST_CASE("secrets that others can read, or that are not there") {
  Scene scene;
  scene.directory.write("good", "x");
  scene.directory.write("open", "x", 0644);
  const auto with = [&](const std::string& challenge, mode_t mode = 0600) {
    scene.profile("p", profile_text({{"issuer", "{ scep: { url: u, ca_file: /x, challenge: " + challenge + " } }"}}),
                  mode);
    return linted(scene);
  };
  const std::string at = "profiles.d/p.yaml:2:40: ";
  CHECK(with("{ file: ../good }").empty());
  CHECK(with("{ file: ../open }") == Texts{at + "warning: scep: challenge: every user can read open (chmod o-r open)"});
  REQUIRE(with("{ file: ../gone }").size() == 1);
  CHECK(with("{ file: ../gone }")[0].find(at + "error: scep: challenge: gone: ") == 0);
  CHECK(with("{ file: .. }").at(0).find("is not a regular file") != std::string::npos);
  CHECK(with("inline").empty());
  CHECK(with("inline", 0644) == Texts{at + "warning: scep: challenge is written here, and every user can read this "
                                           "file (chmod o-r profiles.d/p.yaml)"});
  // Without a secret in it, everybody may read a profile.
  scene.profile("p", profile_text(), 0644);
  CHECK(linted(scene).empty());
}

TEST_CASE("commands that are not there") {
  CHECK(lint_of({{"deliver", "[ { settings: { file: /x, set: { A: b } }, reload: [ /nowhere/ipsec, restart ] } ]"}}) ==
        Texts{"profiles.d/p.yaml:5:53: warning: deliver[0]: reload: /nowhere/ipsec does not exist"});
  CHECK(lint_of({{"hooks", "[ { script: { run: [ /nowhere/hook ] }, on: failed } ]"}}) ==
        Texts{"profiles.d/p.yaml:5:22: warning: script: run: /nowhere/hook does not exist"});
  CHECK(lint_of({{"deliver", "[ { script: { run: [ /bin/true ] }, reload: service x restart } ]"}}).empty());
}

TEST_CASE("renewal thresholds that cannot be meant") {
  CHECK(lint_of({{"renew", "30m left"}}) ==
        Texts{"profiles.d/p.yaml:4:1: warning: renew: 30m left leaves little time to try again"});
  CHECK(lint_of({{"renew", "98% elapsed"}}) ==
        Texts{"profiles.d/p.yaml:4:1: warning: renew: 98% elapsed leaves little time to try again"});
  CHECK(lint_of({{"renew", "60% left"}}) ==
        Texts{"profiles.d/p.yaml:4:1: warning: renew: 60% left is more than half of the lifetime "
              "(one third of the lifetime is taken instead)"});
  CHECK(lint_of({{"renew", "2y left"}}).size() == 1);
  CHECK(lint_of({{"renew", "50% left"}}).empty());
  CHECK(lint_of({{"renew", "2h left"}}).empty());
}

TEST_CASE("what a plugin refuses is said at the option that it names") {
  Scene scene;
  scene.profile("p", profile_text({{"issuer", "{ scep: { url: u, ca_fingerprint: \"md5:00\" } }"},
                                   {"deliver", "[ { script: { run: x } } ]"}}));
  std::vector<std::string> asked;
  const auto validate = [&](PluginKind kind, const PluginUse& use, const Profile& profile) -> std::optional<Error> {
    asked.push_back(std::string(kind_word(kind)) + " " + use.plugin);
    CHECK(profile.name == "p");
    if (kind == PluginKind::enroller)
      return Error{"bad-option", "ca_fingerprint is an MD5 fingerprint", "use SHA-256", {}, {}};
    if (kind == PluginKind::store) return Error{"bad-option", "no good", "", {}, {}};
    return std::nullopt;
  };
  CHECK(linted(scene, validate) ==
        Texts{"profiles.d/p.yaml:2:27: error: scep: ca_fingerprint is an MD5 fingerprint (use SHA-256)",
              "profiles.d/p.yaml:4:10: error: scepclient: no good"});
  CHECK(asked == Texts{"enroller scep", "key provider file", "store scepclient", "distributor script"});
}

TEST_CASE("two targets that write the same value are told apart from those that share a file") {
  const std::string file = "file:/etc/settings.ipsec";
  const auto found = [&](const std::vector<std::string>& a, const std::vector<std::string>& b) {
    return texts(lint_claims({claim("a", "t1", 7, a), claim("b", "t2", 9, b)}, {}));
  };
  CHECK(found({file + "#KEY1"}, {file + "#KEY2"}).empty());
  CHECK(found({file + "#KEY1", file + "#CERT1"}, {file + "#CERT1"}) ==
        Texts{"/b.yaml:9:5: error: file:/etc/settings.ipsec#CERT1 is written by target 't1' of profile 'a' "
              "(/a.yaml:7) too (one would destroy what the other wrote)"});
  CHECK(found({file}, {file}).size() == 1);
  // The whole file, and a value in it.
  CHECK(found({file}, {file + "#KEY"}).size() == 1);
  CHECK(found({file + "#KEY"}, {file}).size() == 1);
  CHECK(found({"file:/a"}, {"file:/b"}).empty());
  // One target may say so twice.
  CHECK(found({file + "#KEY", file + "#KEY"}, {}).empty());
  // Two targets of one profile.
  CHECK(texts(lint_claims({claim("a", "t1", 7, {file}), claim("a", "t2", 9, {file})}, {})).size() == 1);
}

TEST_CASE("a file covers its values whatever its name, and no other file") {
  const auto found = [](TargetClaim a, TargetClaim b) {
    for (TargetClaim* one : {&a, &b}) {
      const auto length = static_cast<std::size_t>(one->mark.line);
      one->inspection.resources = {one->inspection.values[0].substr(0, length)};
    }
    return texts(lint_claims({a, b}, {})).size();
  };
  // The mark's line is the length of the resource: the file's name.
  const std::string odd = "file:/etc/a#b";
  CHECK(found(claim("a", "t1", 13, {odd}), claim("b", "t2", 13, {odd + "#KEY"})) == 1);
  CHECK(found(claim("a", "t1", 13, {odd + "#KEY"}), claim("b", "t2", 13, {odd})) == 1);
  CHECK(found(claim("a", "t1", 13, {odd}), claim("b", "t2", 11, {"file:/etc/a"})) == 0);
  CHECK(found(claim("a", "t1", 11, {"file:/etc/a"}), claim("b", "t2", 13, {odd})) == 0);
  CHECK(found(claim("a", "t1", 11, {"file:/etc/a#KEY"}), claim("b", "t2", 11, {"file:/etc/a"})) == 1);
}

TEST_CASE("two profiles with one store") {
  CHECK(texts(lint_claims({}, {{"a", {"/a.yaml", 3, 1}, "/var/s"}, {"b", {"/b.yaml", 4, 1}, "/var/s"}})) ==
        Texts{"/b.yaml:4:1: error: profile 'a' (/a.yaml:3) has the same store (give each profile a store of its own)"});
  CHECK(lint_claims({}, {{"a", {}, "/var/s"}, {"b", {}, "/var/t"}}).empty());
}

TEST_CASE("targets that others can read") {
  Directory directory;
  TargetClaim target = claim("a", "t", 2, {});
  target.inspection.output_files = {directory.write("key.pem", "x", 0644), directory.path("gone")};
  CHECK(texts(lint_claims({target}, {})) ==
        Texts{"/a.yaml:2:5: warning: every user can read '" + directory.path("key.pem") +
              "', which holds the private key (chmod o-r " + directory.path("key.pem") + ")"});
  directory.write("key.pem", "x", 0640);
  CHECK(lint_claims({target}, {}).empty());
}

TEST_CASE("a target whose service nobody tells") {
  TargetClaim target = claim("a", "t", 2, {});
  target.reload_configured = false;
  CHECK(texts(lint_claims({target}, {})) ==
        Texts{"/a.yaml:2:5: warning: nothing tells the service of target 't' that its certificate has changed "
              "(write reload: COMMAND, or reload: [] if it notices by itself)"});
  target.reloads_itself = true;
  CHECK(lint_claims({target}, {}).empty());
  target.reloads_itself = false;
  target.inspection.disturbance = "script";
  CHECK(lint_claims({target}, {}).empty());
}

TEST_CASE("a restart that never runs") {
  TargetClaim target = claim("a", "t", 2, {});
  target.restart_configured = true;
  CHECK(texts(lint_claims({target}, {})) ==
        Texts{"/a.yaml:2:5: warning: restart of target 't' never runs: nothing says what the service serves (write "
              "verify: too, or make the command the reload)"});
  target.verified = true;
  CHECK(lint_claims({target}, {}).empty());
}

TEST_CASE("an empty reload says that none is needed") {
  const Profile p = good_profile({{"deliver", "[ { script: { run: a }, reload: [] }, { script: { run: b } } ]"}});
  CHECK(p.targets[0].reload_given);
  CHECK(p.targets[0].reload.empty());
  CHECK_FALSE(p.targets[1].reload_given);
}

TEST_CASE("suggestions are near, or absent") {
  const std::vector<std::string> keys = {"subject", "san", "template", "usage"};
  CHECK(nearest("subjct", keys) == "subject");
  CHECK(nearest("subejct", keys) == "subject");
  CHECK(nearest("sna", keys) == "san");
  CHECK(nearest("completely", keys).empty());
  CHECK(nearest("", keys).empty());
  CHECK(nearest(std::string(100000, 'x'), keys).empty());
}

TEST_CASE("what a file says is harmless in a message") {
  CHECK(quote("a\nb\x1b[31m").find('\n') == std::string::npos);
  CHECK(quote("a\nb\x1b[31m").find('\x1b') == std::string::npos);
  CHECK(quote(std::string(1000, 'x')).size() < 80);
  // Not cut inside of a character.
  std::string many = "x";
  for (int i = 0; i < 40; ++i) many += "\xC3\xBC";
  CHECK(quote(many).find("\xC3…") == std::string::npos);
}
