// A profile with everything, one with nothing but what it must have, and what each key refuses, word for word.
#include "framework/config/profile.hpp"

#include <catch2/catch.hpp>

#include "framework/crypto/name.hpp"
#include "tests/unit/config/scene.hpp"

using namespace certctl;
using namespace certctl::config;
using namespace certctl::config_test;
using namespace std::chrono_literals;

TEST_CASE("the profile of the manual is what it says") {
  Scene scene("schema: 1\ndevice_serial: { text: ICR-0042 }\n");
  scene.profile("ipsec", R"(# /etc/certctl/profiles.d/ipsec.yaml
profile: ipsec
issuer:
  scep:
    url: http://pki.example/scep
    ca_fingerprint: sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    challenge: { file: secrets/ipsec }
key: { file: {}, type: rsa, bits: 3072, rotate: 1y }
subject: /DC=org/DC=OpenXPKI/DC=Test Deployment/CN=router-${device_serial}
san: [ "DNS:one.domain.com", "email:my@other.address", "RID:1.2.3.4", "IP:192.0.2.1" ]
template: { name: tls-client, string: utf8 }
usage: [ digitalSignature, keyEncipherment, serverAuth, clientAuth ]
names: refuse
renew: 30d left
pending: { poll: 5m, give_up: 2w }
store: { scepclient: { path: /var/data/scepClient, keep: 5 } }
deliver:
  - settings: { file: /etc/settings.ipsec, set: { IPSEC_LOCAL_KEY: pkey, IPSEC_LOCAL_CERT: cert } }
    name: tunnel1
    reload: [ /etc/init.d/ipsec, restart ]
    timeout: 90s
    verify_timeout: 10s
    on_failure: keep
  - script: { run: deliver everything }
  - script: { run: [ ./x ] }
hooks:
  - script: { run: [ /etc/certctl/hooks/renewed ] }
    on: [ delivered ]
  - script: { run: "logger renewal failed" }
    on: failed
)");
  const Loaded loaded = scene.load();
  CHECK(scene.texts(loaded.diagnostics) == Texts{});
  REQUIRE(loaded.profiles.size() == 1);
  const Profile& p = loaded.profiles[0];
  CHECK(p.name == "ipsec");
  CHECK(p.file == scene.directory.path("profiles.d/ipsec.yaml"));
  CHECK(p.issuers.front().plugin == "scep");
  CHECK(p.issuers.front().mark.line == 4);
  CHECK(p.issuers.front().options.text("url") == "http://pki.example/scep");
  CHECK(p.issuers.front().options.list("ca_fingerprint").size() == 1);
  CHECK(p.issuers.front().options.secret("challenge").file == scene.directory.path("profiles.d/secrets/ipsec"));
  CHECK(p.issuers.front().options.duration("timeout") == 60s);
  CHECK(p.issuers.front().options.integer("max_reply") == 4194304);
  CHECK_FALSE(p.issuers.front().options.has("ca_file"));
  CHECK(p.issuers.front().identity == Texts{"ca_fingerprint", "url"});
  CHECK(p.issuers.front().files == Texts{"ca_file"});
  CHECK(p.key_provider.plugin == "file");
  CHECK(p.key.bits == 3072);
  CHECK(p.rotate == Rotate::by_age);
  CHECK(p.rotate_age == 8760h);
  CHECK(crypto::subject_slash_text(p.request.subject) == "/DC=org/DC=OpenXPKI/DC=Test Deployment/CN=router-ICR-0042");
  REQUIRE(p.request.alt_names.size() == 4);
  CHECK(p.request.alt_names[3].kind == AltNameKind::ip);
  CHECK(p.request.certificate_template.name == "tls-client");
  CHECK(p.request.certificate_template.string == TemplateString::utf8);
  CHECK(p.request.usage.size() == 4);
  CHECK(p.names == NamesPolicy::refuse);
  CHECK(p.renew.left == 720h);
  CHECK(p.pending_poll == 300s);
  CHECK(p.pending_give_up == 336h);
  CHECK(p.store.options.integer("keep") == 5);
  REQUIRE(p.targets.size() == 3);
  CHECK(p.targets[0].name == "tunnel1");
  CHECK(p.targets[0].plugin.options.map("set") ==
        std::vector<std::pair<std::string, std::string>>{{"IPSEC_LOCAL_KEY", "pkey"}, {"IPSEC_LOCAL_CERT", "cert"}});
  CHECK_FALSE(p.targets[0].reload.shell);
  CHECK(p.targets[0].reload.arguments == Texts{"/etc/init.d/ipsec", "restart"});
  CHECK(p.targets[0].timeout == 90s);
  CHECK(p.targets[0].verify_timeout == 10s);
  CHECK(p.targets[0].on_failure == OnFailure::keep);
  CHECK(p.targets[1].name == "script");
  CHECK(p.targets[1].plugin.options.command("run").shell);
  CHECK(p.targets[1].reload.empty());
  CHECK(p.targets[1].timeout == 60s);
  CHECK(p.targets[2].name == "script-2");
  CHECK(p.targets[2].plugin.options.command("run").arguments == Texts{scene.directory.path("profiles.d/x")});
  REQUIRE(p.hooks.size() == 2);
  CHECK(p.hooks[0].on == Texts{"delivered"});
  CHECK(p.hooks[1].on == Texts{"failed"});
  CHECK(p.hooks[1].plugin.options.command("run").shell);
  // Nothing was wrong, so no plugin had to be loaded but those that are used.
  CHECK(scene.catalog.listings == 0);
}

TEST_CASE("what a profile does not say has the defaults of the manual") {
  const Profile p = good_profile({});
  CHECK(p.key_provider.plugin == "file");
  CHECK(p.key.type == KeyType::rsa);
  CHECK(p.key.bits == 2048);
  CHECK(p.rotate == Rotate::always);
  CHECK(p.names == NamesPolicy::warn);
  CHECK(p.renew.percent_left == 30);
  CHECK_FALSE(p.renew.left);
  CHECK(p.pending_poll == 60s);
  CHECK(p.pending_give_up == 720h);
  CHECK(p.store.options.integer("keep") == 3);
  CHECK(p.targets.empty());
  CHECK(p.hooks.empty());
  CHECK(p.request.certificate_template.name.empty());
}

TEST_CASE("a store that does not know keep has it from the engine") {
  CHECK(good_profile({{"store", "{ bare: { path: /x } }"}}).store.options.integer("keep") == 3);
  CHECK(good_profile({{"store", "{ bare: { path: /x, keep: 7 } }"}}).store.options.integer("keep") == 7);
}

TEST_CASE("an option's default is read as YAML would be") {
  const Profile p = good_profile({{"deliver", "[ everything: ]"}});
  const Options& options = p.targets.at(0).plugin.options;
  CHECK_FALSE(options.has("count"));
  CHECK(options.list("names") == Texts{"a", "b"});
  CHECK(options.map("pairs") == std::vector<std::pair<std::string, std::string>>{{"a", "b"}});
  CHECK(options.command("run").arguments == Texts{"/bin/true", "x"});
  CHECK(options.text("label") == "a: b");
}

TEST_CASE("words that YAML would turn into something else are taken as written") {
  const Profile p = good_profile(
      {{"subject", "/CN=no"},
       {"deliver", "[ { settings: { file: /x, set: { A: no, B: 1e3, C: 2026-01-01, D: 0755, on: off } } } ]"}});
  CHECK(p.request.subject.at(0).value == "no");
  CHECK(p.targets.at(0).plugin.options.map("set") ==
        std::vector<std::pair<std::string, std::string>>{
            {"A", "no"}, {"B", "1e3"}, {"C", "2026-01-01"}, {"D", "0755"}, {"on", "off"}});
}

TEST_CASE("unknown keys are errors with a suggestion") {
  CHECK(complaints_about({{"subjet", "/CN=x"}}) ==
        Texts{"profiles.d/p.yaml:5:1: error: unknown key 'subjet' (did you mean 'subject'?)"});
  CHECK(complaints_about({{"key", "{ type: rsa, bitz: 4096 }"}}) ==
        Texts{"profiles.d/p.yaml:3:19: error: unknown key 'bitz' in key (did you mean 'bits'?)"});
  CHECK(complaints_about({{"issuer", "{ scep: { url: x, ca_file: /x, chalenge: y } }"}}) ==
        Texts{"profiles.d/p.yaml:2:40: error: unknown key 'chalenge' of scep (did you mean 'challenge'?)"});
  CHECK(complaints_about({{"deliver", "[ { script: { run: x }, relaod: y } ]"}}) ==
        Texts{"profiles.d/p.yaml:5:34: error: unknown key 'relaod' in deliver[0] (did you mean 'reload'?)"});
  CHECK(complaints_about({{"pending", "{ pol: 60s }"}}) ==
        Texts{"profiles.d/p.yaml:4:12: error: unknown key 'pol' in pending (did you mean 'poll'?)"});
  CHECK(complaints_about({{"template", "{ name: x, strng: bmp }"}}) ==
        Texts{"profiles.d/p.yaml:4:22: error: unknown key 'strng' in template (did you mean 'string'?)"});
}

TEST_CASE("a plugin is the single key of its place") {
  CHECK(complaints_about({{"issuer", "{ scepp: { url: x } }"}}) ==
        Texts{"profiles.d/p.yaml:2:11: error: there is no enroller 'scepp' (did you mean 'scep'?)"});
  CHECK(complaints_about({{"issuer", "{ unsafe: {} }"}}) ==
        Texts{"profiles.d/p.yaml:2:11: error: the enroller 'unsafe' was refused: "
              "/usr/lib/certctl/plugins/enroller_unsafe.so can be written by others (see `certctl plugin list`)"});
  CHECK(complaints_about({{"issuer", "{ scep: { url: x, ca_file: /x }, other: {} }"}}) ==
        Texts{"profiles.d/p.yaml:2:42: error: issuer names two plugins: 'scep' and 'other' (write one)"});
  CHECK(complaints_about({{"issuer", "{}"}}) ==
        Texts{"profiles.d/p.yaml:2:9: error: issuer names no enroller (known: other, scep)"});
  CHECK(complaints_about({{"store", "scepclient"}}) ==
        Texts{"profiles.d/p.yaml:4:8: error: store must be a map, and is text "
              "(write { NAME: { OPTION: VALUE } }, NAME being a store)"});
  CHECK(complaints_about({{"store", "{ scepclient: /var }"}}) ==
        Texts{"profiles.d/p.yaml:4:22: error: scepclient must be a map of options, and is text"});
  CHECK(complaints_about({{"hooks", "[ { on: failed } ]"}}) ==
        Texts{"profiles.d/p.yaml:5:10: error: hooks[0] names no hook (known: script, syslog)"});
  CHECK(complaints_about({{"key", "{ tpm: {}, type: rsa }"}}) ==
        Texts{"profiles.d/p.yaml:3:8: error: there is no key provider 'tpm' (known: file)"});
}

TEST_CASE("no text becomes the name of a plugin's file") {
  for (const char* name : {"../x", "a/b", "", "A", "a.so", "-a"}) {
    INFO(name);
    const Texts texts = complaints_about({{"issuer", "{ \"" + std::string(name) + "\": {} }"}});
    REQUIRE(texts.size() == 1);
    CHECK(texts[0].find("profiles.d/p.yaml:2:11: error: there is no enroller '" + std::string(name) + "'") == 0);
  }
}

TEST_CASE("options have their types") {
  const auto scep = [](const std::string& option) {
    return complaints_about({{"issuer", "{ scep: { url: u, ca_file: /x, " + option + " } }"}});
  };
  const std::string at = "profiles.d/p.yaml:2:";
  CHECK(scep("timeout: 60") == Texts{at + "49: error: scep: timeout: '60' is no duration "
                                          "(write a number and a unit: 90s, 15m, 12h, 30d, 2w, 1y)"});
  CHECK(scep("max_reply: 4MB") == Texts{at + "51: error: scep: max_reply: '4MB' is no size "
                                             "(write a number and a unit: 512B, 64KiB, 4MiB, 1GiB)"});
  CHECK(scep("allow_ec: yes") == Texts{at + "50: error: scep: allow_ec cannot be 'yes' (write true or false)"});
  CHECK(scep("http: psot") ==
        Texts{at + "46: error: scep: http cannot be 'psot' (did you mean 'post'? one of: auto, post, get)"});
  CHECK(scep("http: [ post ]") == Texts{at + "46: error: scep: http must be text, and is a list"});
  CHECK(scep("http:") == Texts{at + "40: error: scep: http has no value (write one, or remove the key)"});
  CHECK(scep("challenge: { fil: /x }") ==
        Texts{at + "53: error: unknown key 'fil' in scep: challenge (did you mean 'file'?)"});
  CHECK(scep("challenge: ''") ==
        Texts{at + "51: error: scep: challenge is empty (write the secret, or { file: PATH })"});
  CHECK(scep("challenge: {}") ==
        Texts{at + "51: error: scep: challenge has no value (write the secret, or { file: PATH })"});
  CHECK(scep("ca_fingerprint: [ a, [ b ] ]") ==
        Texts{at + "61: error: scep: ca_fingerprint: an entry must be text, and is a list"});
  CHECK(scep("renewal_message: 17").empty());
  CHECK(complaints_about({{"deliver", "[ { everything: { count: 0755 } } ]"}}) ==
        Texts{"profiles.d/p.yaml:5:35: error: everything: count: '0755' is no whole number "
              "(write decimal digits without leading zeros)"});
  CHECK(complaints_about({{"deliver", "[ { script: { run: [] } } ]"}}) ==
        Texts{"profiles.d/p.yaml:5:29: error: script: run is an empty command"});
  CHECK(complaints_about({{"deliver", "[ { script: { run: ' ' } } ]"}}) ==
        Texts{"profiles.d/p.yaml:5:29: error: script: run is an empty command"});
  CHECK(complaints_about({{"deliver", "[ { settings: { file: /x, set: {} } } ]"}}) ==
        Texts{"profiles.d/p.yaml:5:41: error: settings: set is empty, and is needed"});
  CHECK(complaints_about({{"deliver", "[ { settings: { file: '', set: { A: b } } } ]"}}) ==
        Texts{"profiles.d/p.yaml:5:32: error: settings: file is empty"});
  CHECK(complaints_about({{"deliver", "[ { settings: { file: /x, set: { A: [] } } } ]"}}) ==
        Texts{"profiles.d/p.yaml:5:46: error: settings: set: 'A' must be text, and is a list"});
  CHECK(complaints_about({{"deliver", "[ { settings: { file: /x } } ]"}}) ==
        Texts{"profiles.d/p.yaml:5:14: error: settings: set is missing (NAME: what)"});
}

TEST_CASE("keys of the engine have their types") {
  CHECK(complaints_about({{"profile", "q"}}) ==
        Texts{"profiles.d/p.yaml:1:10: error: the profile is called 'q' and its file 'p.yaml' "
              "(give both the same name)"});
  CHECK(complaints_about({{"profile", ""}}) ==
        Texts{"profiles.d/p.yaml:1:1: error: profile is missing (write profile: p)"});
  CHECK(complaints_about({{"issuer", ""}}) ==
        Texts{"profiles.d/p.yaml:1:1: error: issuer is missing (write issuer: { scep: { url: … } })"});
  CHECK(complaints_about({{"store", ""}}) ==
        Texts{"profiles.d/p.yaml:1:1: error: store is missing (write store: { scepclient: { path: … } })"});
  CHECK(complaints_about({{"subject", ""}}) ==
        Texts{"profiles.d/p.yaml:1:1: error: the profile asks for no subject and no alternative name "
              "(write subject: /CN=NAME)"});
  CHECK(complaints_about({{"renew", "30d"}}) ==
        Texts{"profiles.d/p.yaml:4:8: error: renew: '30d' is no renewal threshold "
              "(write \"30d left\", \"30% left\" or \"70% elapsed\")"});
  CHECK(complaints_about({{"names", "warm"}}) == Texts{"profiles.d/p.yaml:4:8: error: names cannot be 'warm' "
                                                       "(did you mean 'warn'? one of: warn, refuse, ignore)"});
  CHECK(complaints_about({{"pending", "{ poll: 2d }"}}) ==
        Texts{"profiles.d/p.yaml:4:18: error: pending: poll must be from 1s to 1d, and is 2d"});
  CHECK(complaints_about({{"pending", "{ poll: 2h, give_up: 1h }"}}) ==
        Texts{"profiles.d/p.yaml:4:1: error: pending: give_up (1h) is shorter than poll (2h) "
              "(nothing would ever be polled)"});
  CHECK(complaints_about({{"store", "{ scepclient: { path: /x, keep: 0 } }"}}) ==
        Texts{"profiles.d/p.yaml:4:40: error: store: keep must be from 1 to 1000, and is 0"});
  CHECK(complaints_about({{"deliver", "{ script: { run: x } }"}}) ==
        Texts{"profiles.d/p.yaml:5:10: error: deliver must be a list, and is a map (begin each entry with `- `)"});
  CHECK(complaints_about({{"deliver", "[ { script: { run: x }, name: ../x } ]"}}) ==
        Texts{"profiles.d/p.yaml:5:40: error: deliver[0]: name cannot be '../x' "
              "(use up to 63 letters, digits, '.', '_' and '-', beginning with a letter or digit)"});
  CHECK(complaints_about({{"deliver", "[ { script: { run: x }, timeout: 0s } ]"}}) ==
        Texts{"profiles.d/p.yaml:5:43: error: deliver[0]: timeout must be from 1s to 1d, and is 0s"});
  CHECK(complaints_about({{"deliver", "[ { script: { run: x }, on_failure: undo } ]"}}) ==
        Texts{"profiles.d/p.yaml:5:46: error: deliver[0]: on_failure cannot be 'undo' (one of: rollback, keep)"});
  CHECK(complaints_about({{"hooks", "[ { syslog: } ]"}}) ==
        Texts{"profiles.d/p.yaml:5:10: error: hooks[0]: on is missing (write on: [ failed ]; one or several of: "
              "pending, delivered, failed, recovered, before-deliver)"});
  CHECK(complaints_about({{"hooks", "[ { syslog: , on: [ failled ] } ]"}}) ==
        Texts{"profiles.d/p.yaml:5:28: error: hooks[0]: on cannot be 'failled' (did you mean 'failed'? one of: "
              "pending, delivered, failed, recovered, before-deliver)"});
}

TEST_CASE("key sizes and types are those that can be made", "[SCEP-200]") {
  CHECK(good_profile({{"key", "{ bits: 8192 }"}}).key.bits == 8192);
  CHECK(complaints_about({{"key", "{ bits: 1024 }"}}) ==
        Texts{"profiles.d/p.yaml:3:14: error: key: bits must be from 2048 to 8192, and is 1024 "
              "(an imported key of that size can be kept with rotate: never)"});
  CHECK(complaints_about({{"key", "{ bits: 1024, rotate: never }"}}) ==
        Texts{"profiles.d/p.yaml:3:14: warning: key: 1024 bits are no longer safe "
              "(only an imported key can be that small; plan its replacement)"});
  CHECK(complaints_about({{"key", "{ bits: 16384 }"}}) ==
        Texts{"profiles.d/p.yaml:3:14: error: key: bits must be from 1024 to 8192, and is 16384"});
  CHECK(complaints_about({{"key", "{ type: ed25519 }"}}) ==
        Texts{"profiles.d/p.yaml:3:14: error: key: type cannot be 'ed25519' "
              "(such a key cannot sign the messages of enrollment; write rsa or ec)"});
  CHECK(complaints_about({{"key", "{ type: rsa, curve: P-256 }"}}) ==
        Texts{"profiles.d/p.yaml:3:19: error: key: curve does not go with type rsa (write type: ec, or bits)"});
  CHECK(complaints_about({{"key", "{ type: ec, bits: 256 }"}}) ==
        Texts{"profiles.d/p.yaml:3:18: error: key: bits does not go with type ec "
              "(write curve: P-256, P-384 or P-521)"});
  CHECK(complaints_about({{"key", "{ type: ec, curve: P256 }"}}) ==
        Texts{"profiles.d/p.yaml:3:25: error: key: curve cannot be 'P256' "
              "(did you mean 'P-256'? one of: P-256, P-384, P-521)"});
  CHECK(complaints_about({{"key", "{ rotate: sometimes }"}}) ==
        Texts{"profiles.d/p.yaml:3:16: error: key: rotate cannot be 'sometimes' "
              "(write always, never, or the age at which a key is replaced, such as 1y)"});
}

TEST_CASE("an enroller's conventions are kept") {
  const std::string ec = "{ type: ec }";
  CHECK(complaints_about({{"key", ec}}) ==
        Texts{"profiles.d/p.yaml:3:14: error: scep cannot be sure to get a certificate for an EC key: the CA may issue "
              "it and be unable to answer (write type: rsa, or allow_ec: true in scep)"});
  CHECK(good_profile({{"key", ec}, {"issuer", "{ scep: { url: u, ca_file: /x, allow_ec: true } }"}}).key.type ==
        KeyType::ec);
  CHECK(good_profile({{"key", ec}, {"issuer", "{ other: {} }"}}).key.curve == "P-256");
  CHECK(complaints_about(
            {{"key", "{ rotate: never }"}, {"issuer", "{ scep: { url: u, ca_file: /x, transaction_id: key } }"}}) ==
        Texts{"profiles.d/p.yaml:2:56: error: scep: transaction_id: key needs a new key for each request "
              "(write rotate: always in `key`, or transaction_id: random)"});
  CHECK(complaints_about({{"issuer", "{ scep: { url: u } }"}}) ==
        Texts{"profiles.d/p.yaml:2:11: error: scep: nothing says which CA is trusted "
              "(write one of: ca_fingerprint, ca_file, trust_on_first_use: true)"});
  CHECK(complaints_about({{"issuer", "{ scep: { url: u, trust_on_first_use: false, ca_fingerprint: [] } }"}}).size() ==
        1);
  CHECK(complaints_about({{"issuer", "{ scep: { url: u, trust_on_first_use: true } }"}}).empty());
}

TEST_CASE("names of targets are told apart") {
  const Profile p = good_profile(
      {{"deliver", "[ { script: { run: a } }, { script: { run: b } }, { script: { run: c }, name: script-2 } ]"}});
  CHECK(p.targets[0].name == "script");
  CHECK(p.targets[1].name == "script-3");
  CHECK(p.targets[2].name == "script-2");
  const Texts twice =
      complaints_about({{"deliver", "[ { script: { run: a }, name: x }, { script: { run: b }, name: x } ]"}});
  REQUIRE(twice.size() == 1);
  CHECK(twice[0].find("profiles.d/p.yaml:5:67: error: two targets are called 'x' (the other is at ") == 0);
}

TEST_CASE("what is wrong inside of names is said with its place") {
  CHECK(complaints_about({{"usage", "[ digitalSignature, clientAuht ]"}})
            .at(0)
            .find("profiles.d/p.yaml:4:28: error: usage: ") == 0);
  CHECK(complaints_about({{"san", "[ \"DNS:a.example\", \"DNS:\" ]"}})
            .at(0)
            .find("profiles.d/p.yaml:4:25: error: san: ") == 0);
  CHECK(complaints_about({{"san", "[ DNS: a.example ]"}}) ==
        Texts{"profiles.d/p.yaml:4:8: error: san: an entry must be text, and is a map "
              "(put it in quotes, without a blank after the colon: \"DNS:host.example\")"});
  CHECK(complaints_about({{"san", "[ \"DNS:a.example\", \"DNS:A.example\" ]"}}) ==
        Texts{"profiles.d/p.yaml:4:25: warning: san: DNS:A.example is here twice (remove one of them)"});
  CHECK(complaints_about({{"subject", "CN=x"}}).at(0).find("profiles.d/p.yaml:3:10: error: subject: ") == 0);
  CHECK(complaints_about({{"template", "tls"}}) ==
        Texts{"profiles.d/p.yaml:4:11: error: template must be a map, and is text "
              "(write { name: NAME, string: bmp })"});
}

TEST_CASE("the sample's placeholder is not taken for a value") {
  CHECK(complaints_about({{"issuer", "{ scep: { url: CHANGE-ME, ca_file: /x } }"}}) ==
        Texts{"profiles.d/p.yaml:2:24: error: scep: url still has the sample's placeholder (write your own value)"});
}

TEST_CASE("one SAN string may hold several names") {
  CHECK(good_profile({{"san", "\"DNS:a.example, email:x@a.example IP:192.0.2.1\""}}).request.alt_names.size() == 3);
}
