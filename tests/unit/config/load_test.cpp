// certctl.yaml, several profiles side by side, defaults.
#include "framework/config/load.hpp"

#include <catch2/catch.hpp>

#include <sys/stat.h>

#include "tests/unit/config/scene.hpp"

using namespace certctl;
using namespace certctl::config;
using namespace certctl::config_test;

namespace {

Texts settings_complaints(const std::string& text) {
  Scene scene(text);
  return scene.complaints();
}

std::string origin_of(const Loaded& loaded, const std::string& profile, const std::string& path) {
  for (const EffectiveValue& value : loaded.effective.at(profile)) {
    if (value.path == path)
      return value.text + (value.origin == Origin::builtin    ? " builtin"
                           : value.origin == Origin::defaults ? " defaults:" + std::to_string(value.mark.line)
                                                              : " file:" + std::to_string(value.mark.line));
  }
  return "absent";
}

}  // namespace

TEST_CASE("one broken profile never stops the others") {
  Scene scene;
  scene.profile("a", profile_text({{"profile", "a"}}));
  scene.profile("b", "profile: b\n  issuer: [\n");
  scene.profile("c", profile_text({{"profile", "c"}, {"renew", "soon"}, {"names", "maybe"}}));
  scene.profile("d", profile_text({{"profile", "d"}, {"subject", "/CN=d"}}));
  scene.profile("e", "");
  scene.profile("f", "[ 1 ]\n");
  const Loaded loaded = scene.load();
  CHECK(loaded.usable);
  REQUIRE(loaded.profiles.size() == 2);
  CHECK(loaded.profiles[0].name == "a");
  CHECK(loaded.profiles[1].name == "d");
  CHECK(loaded.broken == Texts{"b", "c", "e", "f"});
  CHECK(loaded.find("c") == nullptr);
  // The first syntax error of a file; all errors of meaning of all files.
  CHECK(scene.texts(loaded.diagnostics) ==
        Texts{"profiles.d/b.yaml:2:9: error: not valid YAML: illegal map value",
              "profiles.d/c.yaml:4:8: error: names cannot be 'maybe' (one of: warn, refuse, ignore)",
              "profiles.d/c.yaml:5:8: error: renew: 'soon' is no renewal threshold "
              "(write \"30d left\", \"30% left\" or \"70% elapsed\")",
              "profiles.d/e.yaml: error: the file is empty (see `certctl profile new`)",
              "profiles.d/f.yaml:1:1: error: a profile must be a map, and is a list (see `certctl profile new`)"});
  for (const Diagnostic& d : loaded.diagnostics) CHECK(d.profile == d.mark.file.substr(d.mark.file.size() - 6, 1));
}

TEST_CASE("profiles that cannot be read are broken, not absent") {
  Scene scene;
  scene.profile("good", profile_text({{"profile", "good"}}));
  scene.profile("open", profile_text({{"profile", "open"}}), 0602);
  const std::string fifo = scene.directory.path("profiles.d/fifo.yaml");
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  std::filesystem::create_directory(scene.directory.path("profiles.d/dir.yaml"));
  std::filesystem::create_symlink("nowhere", scene.directory.path("profiles.d/link.yaml"));
  scene.profile("large", "profile: large\n" + std::string(2u << 20, '#'));
  const Loaded loaded = scene.load();
  CHECK(loaded.broken == Texts{"dir", "fifo", "large", "link", "open"});
  CHECK(loaded.profiles.size() == 1);
  const Texts texts = scene.texts(loaded.diagnostics);
  REQUIRE(texts.size() == 5);
  CHECK(texts[0].find("profiles.d/dir.yaml: error: ") == 0);
  CHECK(texts[1].find("profiles.d/fifo.yaml: error: ") == 0);
  CHECK(texts[2] == "profiles.d/large.yaml: error: the file is larger than 1 MiB (split it into profiles)");
  CHECK(texts[3].find("profiles.d/link.yaml: error: ") == 0);
  CHECK(texts[4] ==
        "profiles.d/open.yaml: error: every user can write this file, and what it says is run with certctl's rights "
        "(chmod o-w profiles.d/open.yaml)");
}

TEST_CASE("what others could exchange is not run") {
  Scene scene;
  scene.profile("a", profile_text({{"profile", "a"}}));
  REQUIRE(::chmod(scene.directory.path("profiles.d").c_str(), 0777) == 0);
  CHECK_FALSE(scene.load().usable);
  CHECK(scene.complaints().at(0).find("certctl.yaml:1:1: error: profiles: every user can put files into '") == 0);
  REQUIRE(::chmod(scene.directory.path("profiles.d").c_str(), 0700) == 0);
  CHECK(scene.load().profiles.size() == 1);

  scene.directory.write("certctl.yaml", "schema: 1\nprofiles: [ profiles.d/a.yaml ]\n");
  REQUIRE(::chmod(scene.directory.path("profiles.d").c_str(), 0777) == 0);
  CHECK(scene.load().broken == Texts{"a"});
  // With the sticky bit, as in /tmp, others cannot exchange our file.
  REQUIRE(::chmod(scene.directory.path("profiles.d").c_str(), 01777) == 0);
  CHECK(scene.load().profiles.size() == 1);
}

TEST_CASE("a directory of profiles holds *.yaml") {
  Scene scene;
  scene.profile("a", profile_text({{"profile", "a"}}));
  scene.directory.write("profiles.d/.hidden.yaml", "[");
  scene.directory.write("profiles.d/a.yaml~", "[");
  scene.directory.write("profiles.d/README", "[");
  scene.directory.write("profiles.d/b.yml", "[");
  const Loaded loaded = scene.load();
  CHECK(loaded.profiles.size() == 1);
  CHECK(loaded.broken.empty());
  CHECK(scene.texts(loaded.diagnostics) == Texts{"profiles.d/b.yml: warning: this file is not read (call it *.yaml)"});
}

TEST_CASE("profiles may be a list of files") {
  Scene scene("schema: 1\nprofiles: [ one/a.yaml, two/b.yaml, two/gone.yaml, one/a.yaml ]\n");
  scene.directory.write("one/a.yaml", profile_text({{"profile", "a"}}));
  scene.directory.write("two/b.yaml", profile_text({{"profile", "b"}}));
  const Loaded loaded = scene.load();
  CHECK(loaded.profiles.size() == 2);
  CHECK(loaded.broken == Texts{"gone"});
}

TEST_CASE("two files of one name are both refused") {
  Scene scene("schema: 1\nprofiles: [ one/a.yaml, two/a.yaml, two/b.yaml ]\n");
  scene.directory.write("one/a.yaml", profile_text({{"profile", "a"}}));
  scene.directory.write("two/a.yaml", profile_text({{"profile", "a"}}));
  scene.directory.write("two/b.yaml", profile_text({{"profile", "b"}}));
  const Loaded loaded = scene.load();
  CHECK(loaded.profiles.size() == 1);
  CHECK(loaded.broken == Texts{"a"});
  CHECK(scene.texts(loaded.diagnostics) ==
        Texts{"two/a.yaml: error: there are two profiles 'a' (the other is one/a.yaml)"});
}

TEST_CASE("a profile's name is that of its file, and safe") {
  Scene scene;
  scene.profile("Upper", profile_text({{"profile", "Upper"}}));
  scene.profile("with blank", profile_text({{"profile", "with blank"}}));
  scene.profile(std::string(64, 'x'), profile_text({{"profile", std::string(64, 'x')}}));
  scene.profile("ok-1.2_3", profile_text({{"profile", "ok-1.2_3"}}));
  const Loaded loaded = scene.load();
  CHECK(loaded.profiles.size() == 1);
  CHECK(loaded.broken.size() == 3);
  for (const Diagnostic& d : loaded.diagnostics) CHECK(d.code == "bad-name");
}

TEST_CASE("certctl.yaml without anything has the defaults of the manual") {
  Scene scene;
  const Loaded loaded = scene.load();
  const Settings& s = loaded.settings;
  CHECK(loaded.usable);
  CHECK(loaded.diagnostics.empty());
  CHECK(s.file == scene.directory.path("certctl.yaml"));
  CHECK(s.state == "/var/lib/certctl");
  CHECK(s.plugin_directories == Texts{"/usr/lib/certctl/plugins"});
  CHECK_FALSE(s.allow_volatile);
  CHECK(s.clock == ClockPolicy::check);
  CHECK(s.locks.empty());
  CHECK(s.jobs == 8);
}

TEST_CASE("paths of certctl.yaml are relative to it") {
  Scene scene(
      "schema: 1\nstate: ../state/./x\nprofiles: profiles.d/\nplugins: [ plugins, /abs/plugins/ ]\n"
      "allow_volatile: true\nclock: ignore\nlocks: run\njobs: 3\n");
  const Loaded loaded = scene.load();
  const Settings& s = loaded.settings;
  const std::string parent = std::filesystem::path(scene.directory.path()).parent_path().string();
  CHECK(s.state == parent + "/state/x");
  CHECK(s.plugin_directories == Texts{scene.directory.path("plugins"), "/abs/plugins"});
  CHECK(s.allow_volatile);
  CHECK(s.clock == ClockPolicy::ignore);
  CHECK(s.locks == scene.directory.path("run"));
  CHECK(s.jobs == 3);
}

TEST_CASE("errors of certctl.yaml stop everything, with their places") {
  CHECK(settings_complaints("schema: 1\nstat: /x\n") ==
        Texts{"certctl.yaml:2:1: error: unknown key 'stat' (did you mean 'state'?)"});
  CHECK(settings_complaints("state: /x\n") == Texts{"certctl.yaml:1:1: error: schema is missing (write schema: 1)"});
  CHECK(
      settings_complaints("schema: 2\n") ==
      Texts{"certctl.yaml:1:9: error: this file has schema 2, and this certctl knows schema 1 (use a newer certctl)"});
  CHECK(settings_complaints("schema: 1\njobs: 0\nclock: off\nallow_volatile: yes\n") ==
        Texts{"certctl.yaml:2:7: error: jobs must be from 1 to 256, and is 0",
              "certctl.yaml:3:8: error: clock cannot be 'off' (one of: check, ignore)",
              "certctl.yaml:4:17: error: allow_volatile cannot be 'yes' (write true or false)"});
  CHECK(settings_complaints("schema: 1\ndefaults: { profile: x }\n")
            .at(0)
            .find("certctl.yaml:2:13: error: unknown key 'profile' in defaults (known: issuer, issuers, ") == 0);
  CHECK(settings_complaints("schema: 1\ndefaults: [ a ]\n") ==
        Texts{"certctl.yaml:2:11: error: defaults must be a map, and is a list"});
  CHECK(settings_complaints("schema: [\n").at(0).find("certctl.yaml:") == 0);
  CHECK(settings_complaints("# nothing\n") ==
        Texts{"certctl.yaml: error: the file is empty (write at least schema: 1)"});

  Scene scene("schema: 1\nprofiles: none.d\n");
  scene.profile("a", profile_text({{"profile", "a"}}));
  const Loaded loaded = scene.load();
  CHECK_FALSE(loaded.usable);
  CHECK(loaded.profiles.empty());
  CHECK(scene.texts(loaded.diagnostics).at(0).find("certctl.yaml:2:11: error: profiles: the directory '") == 0);
  CHECK_THROWS_AS(require_usable(loaded), Failure);
  CHECK_NOTHROW(require_usable(Scene().load()));
}

TEST_CASE("the catalog is opened with the settings, once, and not for a broken certctl.yaml") {
  Scene scene("schema: 1\nplugins: /p\n");
  scene.profile("a", profile_text({{"profile", "a"}}));
  int opened = 0;
  const OpenCatalog open = [&](const Settings& settings) -> const PluginCatalog& {
    ++opened;
    CHECK(settings.plugin_directories == Texts{"/p"});
    return scene.catalog;
  };
  (void)load(scene.directory.path("certctl.yaml"), open);
  CHECK(opened == 1);
  scene.directory.write("certctl.yaml", "schema: 1\nx: y\n");
  (void)load(scene.directory.path("certctl.yaml"), open);
  CHECK(opened == 1);
}

TEST_CASE("a certctl.yaml that cannot be read is a failure") {
  Scene scene;
  const auto failure = [&](const std::string& file) {
    try {
      (void)load(file, [&](const Settings&) -> const PluginCatalog& { return scene.catalog; });
    } catch (const Failure& f) {
      return f.error().code + ": " + scene.without_directory(f.error().message);
    }
    return std::string();
  };
  CHECK(failure(scene.directory.path("gone.yaml")).find("config-unreadable: gone.yaml: ") == 0);
  CHECK(failure(scene.directory.path("profiles.d")).find("config-unreadable: profiles.d: ") == 0);
  scene.directory.write("open.yaml", "schema: 1\n", 0666);
  CHECK(failure(scene.directory.path("open.yaml")).find("config-unreadable: open.yaml: every user can write") == 0);
}

TEST_CASE("the settings file is found by option, environment, or its usual place") {
  ::unsetenv("CERTCTL_CONFIG");
  CHECK(settings_path("") == "/etc/certctl/certctl.yaml");
  ::setenv("CERTCTL_CONFIG", "/opt/c.yaml", 1);
  CHECK(settings_path("") == "/opt/c.yaml");
  CHECK(settings_path("/x/../y.yaml") == "/y.yaml");
  CHECK(settings_path("z.yaml") == (std::filesystem::current_path() / "z.yaml").string());
  ::setenv("CERTCTL_CONFIG", "", 1);
  CHECK(settings_path("") == "/etc/certctl/certctl.yaml");
  ::unsetenv("CERTCTL_CONFIG");
}

TEST_CASE("defaults complete what a profile does not say") {
  Scene scene(R"(schema: 1
defaults:
  issuer: { scep: { url: "http://default/scep", ca_file: ca.pem, challenge: { file: c } } }
  key: { type: rsa, bits: 4096, rotate: never }
  renew: 20d left
  pending: { poll: 5m }
  store: { scepclient: { path: /default, keep: 9 } }
  hooks: [ { syslog: , on: failed } ]
)");
  scene.profile("own", R"(profile: own
issuer: { scep: { url: "http://own/scep", challenge: own } }
key: { bits: 3072 }
subject: /CN=own
pending: { give_up: 10d }
store: { scepclient: { path: /own } }
hooks: []
)");
  scene.profile("plain", "profile: plain\nsubject: /CN=plain\n");
  scene.profile("other", "profile: other\nsubject: /CN=o\nissuer: { other: {} }\nkey: { type: ec }\n");
  const Loaded loaded = scene.load();
  CHECK(scene.texts(loaded.diagnostics) == Texts{});
  REQUIRE(loaded.profiles.size() == 3);
  const Profile& other = loaded.profiles[0];
  const Profile& own = loaded.profiles[1];
  const Profile& plain = loaded.profiles[2];
  CHECK(own.issuers.front().options.text("url") == "http://own/scep");
  CHECK(own.issuers.front().options.text("ca_file") == scene.directory.path("ca.pem"));  // beside certctl.yaml
  CHECK(own.issuers.front().options.secret("challenge").inline_text.reveal() == "own");  // not merged with { file: … }
  CHECK(own.issuers.front().options.secret("challenge").file.empty());
  CHECK(own.key.bits == 3072);
  CHECK(own.rotate == Rotate::never);
  CHECK(own.renew.text == "20d left");
  CHECK(own.pending_poll == std::chrono::minutes(5));
  CHECK(own.pending_give_up == std::chrono::hours(240));
  CHECK(own.store.options.text("path") == "/own");
  CHECK(own.store.options.integer("keep") == 9);
  CHECK(own.hooks.empty());
  CHECK(plain.issuers.front().options.text("url") == "http://default/scep");
  CHECK(plain.issuers.front().options.secret("challenge").file == scene.directory.path("c"));
  CHECK(plain.key.bits == 4096);
  CHECK(plain.hooks.size() == 1);
  // Another issuer gets nothing of the default's; another type of key no size.
  CHECK(other.issuers.front().plugin == "other");
  CHECK(other.key.type == KeyType::ec);
  CHECK(other.rotate == Rotate::never);

  CHECK(origin_of(loaded, "own", "issuer.scep.url") == "http://own/scep file:2");
  CHECK(origin_of(loaded, "own", "issuer.scep.ca_file") == scene.directory.path("ca.pem") + " defaults:3");
  CHECK(origin_of(loaded, "own", "issuer.scep.timeout") == "1m builtin");
  CHECK(origin_of(loaded, "own", "issuer.scep.challenge") == "(secret) file:2");
  CHECK(origin_of(loaded, "plain", "issuer.scep.challenge") ==
        "{ file: " + scene.directory.path("c") + " } defaults:3");
  CHECK(origin_of(loaded, "own", "key.bits") == "3072 file:3");
  CHECK(origin_of(loaded, "own", "key.rotate") == "never defaults:4");
  CHECK(origin_of(loaded, "own", "key.type") == "rsa defaults:4");
  CHECK(origin_of(loaded, "own", "names") == "warn builtin");
}

TEST_CASE("a mistake in defaults is told once, where it stands") {
  Scene scene("schema: 1\ndefaults: { renew: soon }\n");
  for (const char* name : {"a", "b", "c"}) scene.profile(name, profile_text({{"profile", name}}));
  scene.profile("d", profile_text({{"profile", "d"}, {"renew", "30% left"}}));
  const Loaded loaded = scene.load();
  CHECK(loaded.broken == Texts{"a", "b", "c"});
  CHECK(loaded.profiles.size() == 1);
  CHECK(scene.texts(loaded.diagnostics).size() == 1);
  CHECK(scene.texts(loaded.diagnostics).at(0).find("certctl.yaml:2:20: error: renew: 'soon'") == 0);
}

TEST_CASE("defaults that no profile takes are judged too") {
  CHECK(settings_complaints(
            "schema: 1\ndefaults: { key: { bits: 1 }, issuer: { scep: { urll: x } }, pending: { poll: 5 } }\n") ==
        Texts{"certctl.yaml:2:26: error: key: bits must be from 1024 to 8192, and is 1",
              "certctl.yaml:2:49: error: unknown key 'urll' of scep (did you mean 'url'?)",
              "certctl.yaml:2:79: error: pending: poll: '5' is no duration "
              "(write a number and a unit: 90s, 15m, 12h, 30d, 2w, 1y)"});
  CHECK(settings_complaints("schema: 1\ndefaults: { issuer: { scep: { ca_file: x } }, subject: /CN=SN }\n").empty());
}
