// What a user copies must load: the samples of all plugins, conf/, and the profiles that certctl writes itself, with
// the option tables of the plugins as they were built.
#include <catch2/catch.hpp>

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

std::vector<fs::path> plugin_samples() {
  std::vector<fs::path> samples;
  for (const char* top : {"plugins/stores", "plugins/keys", "enrollers", "distributors", "hooks"}) {
    if (!fs::exists(kSource / top)) continue;
    for (const auto& folder : fs::directory_iterator(kSource / top)) {
      if (fs::exists(folder.path() / "sample.yaml")) samples.push_back(folder.path() / "sample.yaml");
    }
  }
  return samples;
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
  const auto samples = plugin_samples();
  REQUIRE(samples.size() >= 8);
  for (const fs::path& sample : samples) {
    INFO(sample);
    check_loads(load_text(plugins, kSettings, "sample", "profile: sample\n" + content(sample)));
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
