// The configuration that the daemon works with, and how it follows the files.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "framework/config/load.hpp"
#include "framework/engine/context.hpp"
#include "framework/engine/plugin_catalog.hpp"
#include "framework/registry/registry.hpp"

namespace certctl::daemon {

class Configuration {
 public:
  // `base`: what the program hands in (clock, random, log, stop flag …); settings and registry are filled in here.
  Configuration(std::string settings_file, engine::Context base)
      : settings_file_(std::move(settings_file)), base_(std::move(base)) {}

  struct Outcome {
    std::vector<std::string> changed;  // profiles that are new or not what they were
    std::vector<config::Diagnostic> errors;
    bool kept = false;  // something is broken: what it was before goes on
  };
  // Reads all files. A file with errors keeps what was read from it before; when certctl.yaml itself is broken, all
  // stays as it is. The first time there is nothing to keep: throws Failure config-invalid, config-unreadable.
  Outcome load();
  // Whether a file, or the directory, is not what it was when it was read last. Cheap: one stat each.
  [[nodiscard]] bool outdated() const;

  [[nodiscard]] const engine::Context& context() const noexcept { return current_->context; }
  [[nodiscard]] const std::vector<config::Profile>& profiles() const noexcept { return current_->loaded.profiles; }
  [[nodiscard]] const config::Profile* find(const std::string& name) const noexcept {
    return current_->loaded.find(name);
  }
  // Names of all profiles, broken ones too.
  [[nodiscard]] std::vector<std::string> all_names() const;
  // What is wrong with the files as they are now; empty: nothing.
  [[nodiscard]] const std::vector<config::Diagnostic>& errors() const noexcept { return errors_; }

 private:
  struct Parts {
    std::unique_ptr<registry::Registry> registry;
    std::unique_ptr<engine::PluginCatalog> catalog;
    config::Loaded loaded;
    engine::Context context;
  };
  [[nodiscard]] std::unique_ptr<Parts> read() const;

  std::string settings_file_;
  engine::Context base_;
  std::unique_ptr<Parts> current_;
  std::vector<config::Diagnostic> errors_;
  std::vector<std::string> watched_;
  std::string signature_;
};

}  // namespace certctl::daemon
