// Texts for people and for editors.
#include "framework/config/sample.hpp"

#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "framework/config/schema.hpp"
#include "tests/unit/config/scene.hpp"

using namespace certctl;
using namespace certctl::config;
using namespace certctl::config_test;
using nlohmann::json;

namespace {

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

SampleChoice everything() {
  SampleChoice choice;
  choice.profile = "p";
  choice.distributors = {"settings", "script", "everything"};
  choice.hooks = {"script", "syslog"};
  return choice;
}

// Is `value` allowed by the schema, as far as our schemas go?
bool valid(const json& schema, const json& value);

bool has_type(const json& type, const json& value) {
  if (type.is_array()) return std::any_of(type.begin(), type.end(), [&](const json& t) { return has_type(t, value); });
  const std::string name = type.get<std::string>();
  return (name == "object" && value.is_object()) || (name == "array" && value.is_array()) ||
         (name == "string" && value.is_string()) || (name == "boolean" && value.is_boolean()) ||
         (name == "integer" && value.is_number_integer()) || (name == "number" && value.is_number()) ||
         (name == "null" && value.is_null());
}

std::size_t count_valid(const json& schemas, const json& value) {
  return static_cast<std::size_t>(
      std::count_if(schemas.begin(), schemas.end(), [&](const json& s) { return valid(s, value); }));
}

bool valid(const json& schema, const json& value) {
  if (schema.contains("type") && !has_type(schema["type"], value)) return false;
  if (schema.contains("enum") && std::count(schema["enum"].begin(), schema["enum"].end(), value) == 0) return false;
  if (schema.contains("const") && schema["const"] != value) return false;
  if (schema.contains("pattern") && value.is_string() &&
      !std::regex_search(value.get<std::string>(), std::regex(schema["pattern"].get<std::string>())))
    return false;
  if (schema.contains("minimum") && value.is_number() && value < schema["minimum"]) return false;
  if (schema.contains("maximum") && value.is_number() && value > schema["maximum"]) return false;
  if (schema.contains("anyOf") && count_valid(schema["anyOf"], value) == 0) return false;
  if (schema.contains("oneOf") && count_valid(schema["oneOf"], value) != 1) return false;
  if (schema.contains("not") && valid(schema["not"], value)) return false;
  if (value.is_array()) {
    if (schema.contains("minItems") && value.size() < schema["minItems"].get<std::size_t>()) return false;
    if (schema.contains("items"))
      return std::all_of(value.begin(), value.end(), [&](const json& v) { return valid(schema["items"], v); });
  }
  if (value.is_object()) {
    for (const auto& name : schema.value("required", json::array())) {
      if (!value.contains(name.get<std::string>())) return false;
    }
    for (const auto& [key, item] : value.items()) {
      if (schema.contains("properties") && schema["properties"].contains(key)) {
        if (!valid(schema["properties"][key], item)) return false;
      } else if (schema.contains("additionalProperties")) {
        const json& more = schema["additionalProperties"];
        if (more.is_boolean() ? !more.get<bool>() : !valid(more, item)) return false;
      }
    }
  }
  return true;
}

}  // namespace

TEST_CASE("a new profile loads once its placeholders are filled in, and not before") {
  Scene scene;
  const std::string text = sample_profile(scene.catalog, everything());
  scene.profile("p", text);
  const Loaded unfinished = scene.load();
  CHECK(unfinished.broken == Texts{"p"});
  int placeholders = 0;
  for (const Diagnostic& d : unfinished.diagnostics) placeholders += d.code == "placeholder" ? 1 : 0;
  // url, subject, path of the store, file and set of settings, run of two scripts.
  CHECK(placeholders == 7);

  scene.profile("p", replaced(replaced(text, "CHANGE-ME", "x"), "    # ca_file: /PATH", "    ca_file: /ca.pem"));
  const Loaded loaded = scene.load();
  CHECK(scene.texts(loaded.diagnostics) == Texts{});
  REQUIRE(loaded.profiles.size() == 1);
  const Profile& p = loaded.profiles[0];
  CHECK(p.issuers.front().options.text("url") == "x");
  CHECK(p.targets.size() == 3);
  CHECK(p.hooks.size() == 2);
}

TEST_CASE("every line that a new profile has commented out can be taken") {
  Scene scene;
  std::string text = sample_profile(scene.catalog, everything());
  text = replaced(text, "CHANGE-ME", "x");
  std::string taken;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t hash = line.find("# ");
    const std::size_t colon = hash == std::string::npos ? hash : line.find(": ", hash + 2);
    const bool option = colon != std::string::npos && line.find_first_not_of(' ') == hash &&
                        line.find(' ', hash + 2) == colon + 1 && line.find("# name:") == std::string::npos;
    taken += (option ? line.substr(0, hash) + line.substr(hash + 2) : line) + "\n";
  }
  scene.profile("p", taken);
  const Loaded loaded = scene.load();
  INFO(taken);
  CHECK(scene.texts(loaded.diagnostics) == Texts{});
  REQUIRE(loaded.profiles.size() == 1);
  CHECK(loaded.profiles[0].request.alt_names.size() == 3);
  CHECK(loaded.profiles[0].targets.at(0).on_failure == OnFailure::rollback);
}

TEST_CASE("a new profile explains every option of its plugins") {
  FakeCatalog catalog;
  const std::string text = sample_profile(catalog, everything());
  for (const OptionSpec& spec : kScepTable) {
    CHECK(text.find(std::string(spec.name) + ": ") != std::string::npos);
    CHECK(text.find(spec.text) != std::string::npos);
  }
  CHECK(text.find("one of: auto, 17, 19") != std::string::npos);
  CHECK(text.find("says which CA is trusted") != std::string::npos);
}

TEST_CASE("a new profile of plugins that are not there is refused") {
  FakeCatalog catalog;
  const auto failure = [&](const SampleChoice& choice) {
    try {
      (void)sample_profile(catalog, choice);
    } catch (const Failure& f) {
      return f.error().message + " (" + f.error().hint + ")";
    }
    return std::string();
  };
  SampleChoice choice;
  choice.issuer = "scepp";
  CHECK(failure(choice) == "there is no enroller 'scepp' (did you mean 'scep'?)");
  choice.issuer = "unsafe";
  CHECK(failure(choice).find("the enroller 'unsafe' was refused: ") == 0);
  choice = {};
  choice.profile = "../x";
  CHECK(failure(choice).find("a profile cannot be called '../x'") == 0);
}

TEST_CASE("effective values are shown with their origin, and secrets are not") {
  Scene scene("schema: 1\ndefaults: { renew: 20d left }\n");
  scene.profile("p", profile_text({{"issuer", "{ scep: { url: u, ca_file: /x, challenge: hunter2 } }"}}));
  const Loaded loaded = scene.load();
  const std::string text = scene.without_directory(effective_text(loaded, "p"));
  CHECK(text.find("hunter2") == std::string::npos);
  const auto line = [&](const std::string& begin) {
    const std::size_t at = text.find(begin);
    REQUIRE(at != std::string::npos);
    std::string found = text.substr(at, text.find('\n', at) - at);
    while (found.find("   ") != std::string::npos) found.erase(found.find("   "), 1);
    return found;
  };
  CHECK(line("issuer.scep.url") == "issuer.scep.url: u  # profiles.d/p.yaml:2");
  CHECK(line("issuer.scep.challenge") == "issuer.scep.challenge: (secret)  # profiles.d/p.yaml:2");
  CHECK(line("renew: ") == "renew: 20d left  # defaults, certctl.yaml:2");
  CHECK(line("key.bits") == "key.bits: 2048  # default");

  const json list = json::parse(effective_json(loaded, "p"));
  const auto bits = std::find_if(list.begin(), list.end(), [](const json& v) { return v["path"] == "key.bits"; });
  REQUIRE(bits != list.end());
  CHECK((*bits)["value"] == "2048");
  CHECK((*bits)["origin"] == "default");
  CHECK((*bits)["file"].is_null());
  CHECK(effective_json(loaded, "p").find("hunter2") == std::string::npos);
  CHECK_THROWS_AS(effective_text(loaded, "q"), Failure);
}

TEST_CASE("the schema takes what the loader takes, and refuses what it refuses") {
  FakeCatalog catalog;
  const json schema = json::parse(profile_schema(catalog));
  CHECK(schema["$schema"] == "https://json-schema.org/draft/2020-12/schema");
  const json good = json::parse(R"({
    "profile": "p", "issuer": { "scep": { "url": "u", "ca_fingerprint": ["a"], "challenge": { "file": "/c" },
      "http": "post", "renewal_message": 17, "timeout": "60s", "max_reply": "4MiB", "allow_ec": true } },
    "key": { "file": {}, "type": "rsa", "bits": 2048, "rotate": "1y" }, "subject": "/CN=x", "san": ["DNS:x"],
    "template": { "name": "t", "string": "bmp" }, "usage": "serverAuth", "names": "warn", "renew": "30d left",
    "pending": { "poll": "60s", "give_up": "30d" }, "store": { "bare": { "path": "/s", "keep": 3 } },
    "deliver": [ { "settings": { "file": "/f", "set": { "A": "b" } }, "name": "t", "reload": ["x"],
                   "timeout": "1m", "verify_timeout": "1m", "on_failure": "keep", "restart": "x restart",
                   "verify": [ { "tls": "h:443" }, { "tls": { "connect": ["h:443"], "alpn": "h2" } },
                               { "smtp": { "connect": "h:25", "server_name": "mx" } }, { "file": "/f" }, { "ike": null },
                               { "ike": { "uri": "unix:///x" } }, { "command": ["x"] } ] },
                 { "everything": null, "reload": [] } ],
    "hooks": [ { "syslog": {}, "on": "failed" }, { "script": { "run": "x" }, "on": ["failed", "pending"] } ] })");
  CHECK(valid(schema, good));
  const auto with = [&](const char* pointer, const json& value) {
    json changed = good;
    changed[json::json_pointer(pointer)] = value;
    return valid(schema, changed);
  };
  CHECK_FALSE(with("/subjet", "x"));
  CHECK_FALSE(with("/issuer", json::object()));
  CHECK_FALSE(with("/issuer/other", json::object()));  // two
  CHECK_FALSE(with("/issuer/scep/urll", "x"));
  CHECK_FALSE(with("/issuer/scep/timeout", "60"));
  CHECK_FALSE(with("/issuer/scep/max_reply", "4MB"));
  CHECK_FALSE(with("/issuer/scep/http", "put"));
  CHECK_FALSE(with("/issuer/scep/allow_ec", "yes"));
  CHECK_FALSE(with("/issuer/scep/challenge", json::array()));
  CHECK_FALSE(with("/key/bits", 512));
  CHECK_FALSE(with("/renew", "30d"));
  CHECK_FALSE(with("/renew", "30d elapsed"));
  CHECK_FALSE(with("/names", "maybe"));
  CHECK_FALSE(with("/hooks/0/on", "success"));
  CHECK_FALSE(with("/deliver/0/settings", json::object({{"file", "/f"}})));
  CHECK(with("/renew", "70% elapsed"));
  CHECK(with("/key", json::object({{"type", "ec"}})));
  CHECK(with("/deliver/0/reload", "x restart"));
  CHECK_FALSE(with("/deliver/0/verify", json::array()));
  CHECK_FALSE(with("/deliver/0/verify/0/file", "/two"));
  CHECK_FALSE(with("/deliver/0/verify/0", json::object({{"tls", json::object()}})));
  CHECK_FALSE(with("/deliver/0/restart", json::array()));
  json none = good;
  none["hooks"][0].erase("on");
  CHECK_FALSE(valid(schema, none));

  const json settings = json::parse(settings_schema(catalog));
  CHECK(valid(settings, json::parse(R"({ "schema": 1, "profiles": ["a"], "plugins": "/p", "jobs": 2, "clock": "check",
      "device_serial": { "command": ["x"], "match": "y" }, "defaults": { "renew": "30d left" } })")));
  CHECK_FALSE(valid(settings, json::parse(R"({ "schema": 2 })")));
  CHECK_FALSE(valid(settings, json::parse(R"({ "schema": 1, "defaults": { "profile": "x" } })")));
  CHECK_FALSE(valid(settings, json::parse(R"({ "schema": 1, "jobs": 0 })")));
  CHECK_FALSE(valid(settings, json::parse(R"({ "state": "/x" })")));
}
