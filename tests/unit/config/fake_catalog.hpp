// Plugins with the option tables of certctl's own, as far as configuration is concerned.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <map>
#include <string>

#include "framework/config/catalog.hpp"

namespace certctl::config_test {

inline constexpr OptionSpec kScepTable[] = {
    {"url", OptionType::text, "", true, true, "", "address of the SCEP service"},
    {"ca_identifier", OptionType::text, "", false, true, "", "name of the CA"},
    {"ca_fingerprint", OptionType::list, "", false, true, "", "which CA is trusted"},
    {"ca_file", OptionType::path, "", false, true, "", "PEM file of trusted CAs"},
    {"trust_on_first_use", OptionType::boolean, "false", false, true, "", "trust the CA that is met first"},
    {"challenge", OptionType::secret, "", false, false, "", "challenge password"},
    {"http", OptionType::choice, "auto", false, false, "auto|post|get", "HTTP method"},
    {"renewal_message", OptionType::choice, "auto", false, false, "auto|17|19", "message of renewals"},
    {"allow_ec", OptionType::boolean, "false", false, false, "", "allow EC keys"},
    {"transaction_id", OptionType::choice, "random", false, false, "random|key", "transaction IDs"},
    {"timeout", OptionType::duration, "60s", false, false, "", "time limit"},
    {"max_reply", OptionType::size, "4MiB", false, false, "", "largest reply"},
};
inline constexpr OptionSpec kStoreTable[] = {
    {"path", OptionType::path, "", true, false, "", "directory of the store"},
    {"keep", OptionType::integer, "3", false, false, "", "generations"},
};
inline constexpr OptionSpec kBareStoreTable[] = {
    {"path", OptionType::path, "", true, false, "", "directory of the store"},
};
inline constexpr OptionSpec kSettingsTable[] = {
    {"file", OptionType::path, "", true, false, "", "settings file"},
    {"set", OptionType::map, "", true, false, "", "NAME: what"},
    {"encoding", OptionType::choice, "auto", false, false, "auto|base64-line|pem-quoted", "of values"},
};
inline constexpr OptionSpec kScriptTable[] = {
    {"run", OptionType::command, "", true, false, "", "command"},
    {"timeout", OptionType::duration, "60s", false, false, "", "time limit"},
};
inline constexpr OptionSpec kEverythingTable[] = {
    {"count", OptionType::integer, "", false, false, "", "a number"},
    {"names", OptionType::list, "[ a, b ]", false, false, "", "a list"},
    {"pairs", OptionType::map, "{ a: b }", false, false, "", "a map"},
    {"run", OptionType::command, "[ /bin/true, x ]", false, false, "", "a command"},
    {"label", OptionType::text, "a: b", false, false, "", "a text"},
};

class FakeCatalog final : public config::PluginCatalog {
 public:
  FakeCatalog() {
    using config::PluginKind;
    add({"scep", PluginKind::enroller, "1.0", "SCEP, RFC 8894", kScepTable});
    add({"other", PluginKind::enroller, "1.0", "an enroller without options", {}});
    add({"scepclient", PluginKind::store, "1.0", "pairs named by serial", kStoreTable});
    add({"bare", PluginKind::store, "1.0", "a store that does not know keep", kBareStoreTable});
    add({"file", PluginKind::key_provider, "1.0", "keys in files", {}});
    add({"settings", PluginKind::distributor, "1.0", "values of a settings file", kSettingsTable});
    add({"script", PluginKind::distributor, "1.0", "a script", kScriptTable});
    add({"everything", PluginKind::distributor, "1.0", "all types", kEverythingTable});
    add({"script", PluginKind::hook, "1.0", "a script", kScriptTable});
    add({"syslog", PluginKind::hook, "1.0", "the system's log", {}});
  }

  const config::PluginDescription* find(config::PluginKind kind, std::string_view name) const override {
    if (name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") != std::string_view::npos) std::abort();
    const auto it = plugins_.find({kind, std::string(name)});
    return it == plugins_.end() ? nullptr : &it->second;
  }
  std::vector<const config::PluginDescription*> all(config::PluginKind kind) const override {
    std::vector<const config::PluginDescription*> found;
    for (const auto& [key, plugin] : plugins_) {
      if (key.first == kind) found.push_back(&plugin);
    }
    ++listings;
    return found;
  }
  std::string refusal(config::PluginKind, std::string_view name) const override {
    return name == "unsafe" ? "/usr/lib/certctl/plugins/enroller_unsafe.so can be written by others" : "";
  }

  mutable int listings = 0;  // how often all() was asked: it loads every plugin

 private:
  void add(config::PluginDescription plugin) { plugins_[{plugin.kind, plugin.name}] = plugin; }
  std::map<std::pair<config::PluginKind, std::string>, config::PluginDescription> plugins_;
};

}  // namespace certctl::config_test
