// The plugin under check: its file, the options that its sample gives it, and the fixture in which it may work.
#pragma once

#include <certctl/plugin.hpp>

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "framework/config/profile.hpp"
#include "framework/registry/plugin_info.hpp"
#include "tests/contract/instance.hpp"
#include "tests/contract/test_host.hpp"

namespace certctl::plugin_check {

// What the command line says.
struct Wanted {
  std::string plugin;   // PATH
  std::string options;  // --options; empty: sample.yaml near the plugin
  std::string fixture;  // --fixture: what the fixture holds at the beginning; empty: nothing
  std::string ca;       // --ca: the program that plays the CA; enrollers only
};

class Subject {
 public:
  // Loads the plugin. Throws Failure: why it is refused.
  explicit Subject(Wanted wanted);

  [[nodiscard]] const registry::PluginInfo& info() const noexcept { return plugin_->info; }
  [[nodiscard]] const Wanted& wanted() const noexcept { return wanted_; }

  // A private directory that `${fixture}` in the options means, and below which absolute paths of the options lie.
  [[nodiscard]] std::filesystem::path fixture() const { return scratch_.path() / "fixture"; }
  // Empties it and puts there what --fixture gives, and the directories in which the options name files.
  void reset_fixture() const;

  // The options of the first use in the sample, with `${NAME}` replaced by `values`, and paths below `place` (default:
  // the fixture). Programs that are there stay where they are. Throws Failure("sample-invalid") with what is wrong.
  [[nodiscard]] Options options(const std::map<std::string, std::string>& values = {},
                                const std::filesystem::path& place = {}) const;
  // Names of the options that are files or directories and are given.
  [[nodiscard]] std::vector<std::string> path_options(const Options& options) const;

  template <class Api>
  [[nodiscard]] contract::Made<Api> make(Options options, Host& host) const {
    const auto plugin = plugin_;
    return contract::Made<Api>([plugin](const Options& o, Host& h, Error& e) { return plugin->create(o, h, e); },
                               plugin->destroy, std::move(options), host);
  }
  template <class Api>
  [[nodiscard]] contract::Maker<Api> maker() const {
    return [this](Options options, Host& host) { return make<Api>(std::move(options), host); };
  }

 private:
  [[nodiscard]] std::string sample_text() const;
  [[nodiscard]] Options read_options(const std::string& sample) const;

  Wanted wanted_;
  std::shared_ptr<const registry::Plugin> plugin_;
  contract::Scratch scratch_;
};

}  // namespace certctl::plugin_check
