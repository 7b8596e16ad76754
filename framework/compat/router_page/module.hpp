// The module that the page belongs to: its files and its programs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "framework/compat/router_app/items.hpp"
#include "framework/compat/router_app/store_facts.hpp"

namespace certctl::router_page {

struct ProfileFacts {
  std::vector<std::pair<std::string, std::string>> rows;  // what is shown of a profile, in its order: label, text
};

struct StatusFacts {
  std::string module;  // the two lines
  std::string certificate;
  bool running = false;
  std::vector<ProfileFacts> profiles;
  std::vector<router_app::Authority> authorities;
  bool trusts_first = false;  // no CA is known yet, and none is named: the one that is met first will be trusted
  std::string problem;        // what could not be read
};

struct License {
  std::string name;
  std::string text;
};

class Module {
 public:
  // `directory`: of the module. `configuration`: certctl.yaml; empty: the module's.
  Module(std::string directory, std::string configuration, std::string store);

  struct Settings {
    router_app::Values values;
    std::vector<std::string> problems;  // lines with file and place
  };
  // Without a settings file: the defaults.
  [[nodiscard]] Settings settings() const;
  // Writes them; all that is no item in the file stays. Failures of sys.
  void save(const router_app::Values& values) const;
  // `etc/init restart`: returns when the check is on its way, in the background. False: it could not be started.
  [[nodiscard]] bool restart() const;
  [[nodiscard]] StatusFacts status() const;
  [[nodiscard]] std::vector<License> licenses() const;
  [[nodiscard]] std::string secret_path() const { return directory_ + "/etc/.page-secret"; }

 private:
  // Standard output; nothing when it failed.
  [[nodiscard]] std::optional<std::string> certctl(const std::vector<std::string>& words, std::string& problem) const;
  [[nodiscard]] std::string settings_path() const { return directory_ + "/etc/settings"; }

  std::string directory_;
  std::string configuration_;
  std::string store_;
};

}  // namespace certctl::router_page
