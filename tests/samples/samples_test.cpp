// What a user copies must load: the samples of all plugins, conf/, and the profiles that certctl writes itself, with
// the option tables of the plugins as they were built.
#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "framework/config/sample.hpp"
#include "framework/config/schema.hpp"
#include "framework/engine/plugin_catalog.hpp"
#include "tests/unit/config/directory.hpp"

using namespace certctl;
using namespace certctl::config;
namespace fs = std::filesystem;

namespace {

const fs::path kSource = CERTCTL_SOURCE_DIR;

std::string content(const fs::path& file) {
  std::ifstream stream(file);
  INFO(file);
  REQUIRE(stream);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

// Of every plugin's folder, by the key of the profile in which its kind stands.
std::vector<std::pair<std::string, fs::path>> plugin_samples() {
  std::vector<std::pair<std::string, fs::path>> samples;
  for (const auto& [key, top] :
       {std::pair{"store", "plugins/stores"}, std::pair{"key", "plugins/keys"}, std::pair{"issuer", "enrollers"},
        std::pair{"deliver", "distributors"}, std::pair{"hooks", "hooks"}}) {
    const std::size_t before = samples.size();
    for (const auto& folder : fs::directory_iterator(kSource / top)) {
      if (!fs::exists(folder.path() / "plugin.cpp")) continue;
      CAPTURE(folder.path());
      REQUIRE(fs::exists(folder.path() / "sample.yaml"));
      samples.emplace_back(key, folder.path() / "sample.yaml");
    }
    REQUIRE(samples.size() > before);
  }
  return samples;
}

// What of a profile came from the part that its sample is about.
std::vector<std::string> used(const Profile& profile, const std::string& key) {
  std::vector<std::string> names;
  if (key == "store") names.push_back(profile.store.plugin);
  if (key == "key") names.push_back(profile.key_provider.plugin);
  if (key == "issuer") names.push_back(profile.issuers.front().plugin);
  if (key == "deliver")
    for (const auto& target : profile.targets) names.push_back(target.plugin.plugin);
  if (key == "hooks")
    for (const auto& hook : profile.hooks) names.push_back(hook.plugin.plugin);
  return names;
}

struct Plugins {
  registry::Registry registry{{CERTCTL_PLUGIN_DIRECTORY}};
  engine::PluginCatalog catalog{registry};
};

// A sample may leave out what it is not about.
constexpr const char* kSettings = R"(schema: 1
device_serial: { text: S1 }
defaults:
  issuer: { scep: { url: "http://pki.example/scep", trust_on_first_use: true } }
  subject: /CN=sample
  store: { scepclient: { path: /var/data/scepClient } }
)";

Loaded load_text(Plugins& plugins, const std::string& settings, const std::string& name, const std::string& profile) {
  const config_test::Directory directory;
  directory.write("certctl.yaml", settings);
  directory.write("profiles.d/" + name + ".yaml", profile);
  return load(directory.path("certctl.yaml"), [&](const Settings&) -> const PluginCatalog& { return plugins.catalog; });
}

void check_loads(const Loaded& loaded) {
  std::string all;
  for (const Diagnostic& d : loaded.diagnostics) all += format(d) + "\n";
  CHECK(all == "");
  CHECK(loaded.profiles.size() == 1);
}

std::vector<std::string> names_of(const PluginCatalog& catalog, PluginKind kind) {
  std::vector<std::string> names;
  for (const PluginDescription* plugin : catalog.all(kind)) names.push_back(plugin->name);
  return names;
}

}  // namespace

TEST_CASE("the sample of every plugin loads") {
  Plugins plugins;
  for (const auto& [key, sample] : plugin_samples()) {
    CAPTURE(sample);
    const std::string text = content(sample);
    CHECK(("\n" + text).find("\n" + key + ":") != std::string::npos);
    const Loaded loaded = load_text(plugins, kSettings, "sample", "profile: sample\n" + text);
    check_loads(loaded);
    REQUIRE(loaded.profiles.size() == 1);
    const auto names = used(loaded.profiles[0], key);
    CHECK(std::find(names.begin(), names.end(), sample.parent_path().filename()) != names.end());
  }
}

TEST_CASE("the samples of conf load") {
  Plugins plugins;
  check_loads(load_text(plugins, content(kSource / "conf/certctl.yaml"), "ipsec",
                        content(kSource / "conf/profiles.d/ipsec.yaml")));
}

TEST_CASE("a new profile with every plugin asks for what it needs, and for nothing else") {
  Plugins plugins;
  for (const std::string& issuer : names_of(plugins.catalog, PluginKind::enroller)) {
    for (const std::string& store : names_of(plugins.catalog, PluginKind::store)) {
      SampleChoice choice;
      choice.profile = "new";
      choice.issuer = issuer;
      choice.store = store;
      choice.distributors = names_of(plugins.catalog, PluginKind::distributor);
      choice.hooks = names_of(plugins.catalog, PluginKind::hook);
      const std::string text = sample_profile(plugins.catalog, choice);
      INFO(text);
      const Loaded loaded = load_text(plugins, "schema: 1\n", "new", text);
      CHECK_FALSE(loaded.diagnostics.empty());
      for (const Diagnostic& d : loaded.diagnostics) CHECK(d.code == "placeholder");
    }
  }
}

TEST_CASE("the schema knows every plugin") {
  Plugins plugins;
  const auto schema = nlohmann::json::parse(profile_schema(plugins.catalog));
  CHECK(schema.at("properties").at("issuer").at("properties").contains("scep"));
  CHECK(schema.at("properties").at("key").at("properties").contains("file"));
  CHECK(schema.at("properties").at("store").at("properties").contains("scepclient"));
  CHECK(schema.at("properties").at("deliver").at("items").at("properties").contains("settings"));
  CHECK(schema.at("properties").at("hooks").at("items").at("properties").contains("script"));
  CHECK(nlohmann::json::parse(settings_schema(plugins.catalog)).at("properties").contains("defaults"));
}
