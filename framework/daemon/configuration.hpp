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
  // Settings of the router app that are to be followed: a profile is made of them each time when they have changed.
  struct RouterApp {
    std::string settings;  // absolute; empty: none
    std::string store;
  };
  // `base`: what the program hands in (clock, random, log, stop flag …); settings and registry are filled in here.
  Configuration(std::string settings_file, engine::Context base, RouterApp router_app)
      : settings_file_(std::move(settings_file)), base_(std::move(base)), router_app_(std::move(router_app)) {}

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
  [[nodiscard]] const std::string& settings_file() const noexcept { return settings_file_; }
  [[nodiscard]] const std::string& router_settings() const noexcept { return router_app_.settings; }
  [[nodiscard]] const std::string& profiles_directory() const noexcept { return current_->loaded.profiles_directory; }
  [[nodiscard]] const std::vector<std::string>& sources() const noexcept { return current_->loaded.sources; }
  // What is wrong with the files as they are now; empty: nothing.
  [[nodiscard]] const std::vector<config::Diagnostic>& errors() const noexcept { return errors_; }

  class Trial;
  // All files as they are now, and one as it would be. This configuration stays as it is. Failure config-unreadable.
  [[nodiscard]] Trial try_out(const config::Proposal& proposal) const;

 private:
  struct Parts {
    std::unique_ptr<registry::Registry> registry;
    std::unique_ptr<engine::PluginCatalog> catalog;
    config::Loaded loaded;
    engine::Context context;
  };
  [[nodiscard]] std::unique_ptr<Parts> read(const config::Proposal* proposal) const;
  void follow_router_app(Outcome& outcome) const;

  std::string settings_file_;
  engine::Context base_;
  RouterApp router_app_;
  std::unique_ptr<Parts> current_;
  std::vector<config::Diagnostic> errors_;
  std::vector<std::string> watched_;
  std::string signature_;
};

class Configuration::Trial {
 public:
  explicit Trial(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
  [[nodiscard]] const config::Loaded& loaded() const noexcept { return parts_->loaded; }
  [[nodiscard]] registry::Registry* registry() const noexcept { return parts_->registry.get(); }

 private:
  std::unique_ptr<Parts> parts_;
};

}  // namespace certctl::daemon
