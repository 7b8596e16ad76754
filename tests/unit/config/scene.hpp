// certctl.yaml and profiles in a directory, loaded with plugins that are tables only.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "framework/config/load.hpp"
#include "tests/unit/config/directory.hpp"
#include "tests/unit/config/fake_catalog.hpp"

namespace certctl::config_test {

// A profile that is well, with what each key says; a test exchanges what it is about. An empty value removes the key.
inline std::string profile_text(std::map<std::string, std::string> changes = {}) {
  const std::vector<std::pair<std::string, std::string>> usual = {
      {"profile", "p"},
      {"issuer", "{ scep: { url: \"http://pki.example/scep\", ca_fingerprint: \"sha256:00\" } }"},
      {"key", ""},
      {"subject", "/CN=host"},
      {"san", ""},
      {"template", ""},
      {"usage", ""},
      {"names", ""},
      {"renew", ""},
      {"pending", ""},
      {"store", "{ scepclient: { path: /var/data/scepClient } }"},
      {"deliver", ""},
      {"hooks", ""},
  };
  std::string text;
  for (const auto& [key, value] : usual) {
    const auto it = changes.find(key);
    const std::string& chosen = it == changes.end() ? value : it->second;
    if (!chosen.empty()) text += key + ": " + chosen + "\n";
    if (it != changes.end()) changes.erase(it);
  }
  for (const auto& [key, value] : changes) text += key + ": " + value + "\n";
  return text;
}

class Scene {
 public:
  explicit Scene(const std::string& settings = "schema: 1\n") {
    directory.write("certctl.yaml", settings);
    std::filesystem::create_directories(directory.path("profiles.d"));
  }

  std::string profile(const std::string& name, const std::string& text, mode_t mode = 0600) const {
    return directory.write("profiles.d/" + name + ".yaml", text, mode);
  }
  [[nodiscard]] config::Loaded load() const {
    return config::load(directory.path("certctl.yaml"),
                        [this](const config::Settings&) -> const config::PluginCatalog& { return catalog; });
  }
  // What load() finds, each as format() says it, without the directory.
  [[nodiscard]] std::vector<std::string> complaints() const { return texts(load().diagnostics); }
  [[nodiscard]] std::vector<std::string> texts(const std::vector<config::Diagnostic>& diagnostics) const {
    std::vector<std::string> all;
    for (const config::Diagnostic& d : diagnostics) all.push_back(without_directory(config::format(d)));
    return all;
  }
  [[nodiscard]] std::string without_directory(std::string text) const {
    const std::string prefix = directory.path() + "/";
    for (std::size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix))
      text.erase(at, prefix.size());
    return text;
  }

  Directory directory;
  FakeCatalog catalog;
};

using Texts = std::vector<std::string>;

// The complaints about one profile p.
inline Texts complaints_about(const std::map<std::string, std::string>& changes) {
  Scene scene;
  scene.profile("p", profile_text(changes));
  return scene.complaints();
}

// The profile p, which must be well.
inline config::Profile good_profile(const std::map<std::string, std::string>& changes,
                                    const std::string& settings = "schema: 1\n") {
  Scene scene(settings);
  scene.profile("p", profile_text(changes));
  const config::Loaded loaded = scene.load();
  for (const auto& d : loaded.diagnostics) UNSCOPED_INFO(config::format(d));
  REQUIRE(loaded.find("p") != nullptr);
  return *loaded.find("p");
}

}  // namespace certctl::config_test
