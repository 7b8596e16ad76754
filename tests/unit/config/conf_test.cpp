// The samples in conf/ load as they are.
#include <catch2/catch.hpp>

#include <fstream>
#include <sstream>

#include "tests/unit/config/scene.hpp"

using namespace certctl;
using namespace certctl::config;
using namespace certctl::config_test;

namespace {

const std::string kConf = std::string(CERTCTL_SOURCE_DIR) + "/conf";

std::string content(const std::string& file) {
  std::ifstream stream(file);
  REQUIRE(stream);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

Loaded load_sample(const Scene& scene) {
  const Loaded loaded = scene.load();
  CHECK(scene.texts(loaded.diagnostics) == Texts{});
  return loaded;
}

}  // namespace

TEST_CASE("the samples of conf load without a word") {
  Scene scene(content(kConf + "/certctl.yaml"));
  scene.profile("ipsec", content(kConf + "/profiles.d/ipsec.yaml"));
  const Loaded loaded = load_sample(scene);
  REQUIRE(loaded.profiles.size() == 1);
  CHECK(loaded.profiles[0].targets.at(0).name == "tunnel1");
  CHECK(loaded.profiles[0].hooks.size() == 1);
}

TEST_CASE("certctl.yaml shows the defaults") {
  const Scene sample(content(kConf + "/certctl.yaml"));
  const Scene bare;
  const Settings shown = load_sample(sample).settings;
  const Settings defaults = load_sample(bare).settings;
  CHECK(shown.state == defaults.state);
  CHECK(shown.plugin_directories == defaults.plugin_directories);
  CHECK(shown.allow_volatile == defaults.allow_volatile);
  CHECK(shown.clock == defaults.clock);
  CHECK(shown.locks == defaults.locks);
  CHECK(shown.jobs == defaults.jobs);
}

TEST_CASE("what certctl.yaml has commented out can be taken") {
  std::istringstream lines(content(kConf + "/certctl.yaml"));
  std::string text;
  bool defaults = false;
  for (std::string line; std::getline(lines, line);) {
    defaults = defaults || line == "# defaults:";
    const bool key = line.rfind("# locks:", 0) == 0 || line.rfind("# device_serial: { command", 0) == 0;
    text += (defaults || key ? line.substr(2) : line) + "\n";
  }
  Scene scene(text);
  scene.profile("p", profile_text());
  const Loaded loaded = load_sample(scene);
  CHECK(loaded.settings.locks == "/run/lock/certctl");
  CHECK(loaded.profiles.at(0).hooks.size() == 1);
  CHECK(loaded.profiles.at(0).renew.text == "30d left");
}
