// The options of the plugin: the table, and what it becomes.
#pragma once

#include "enrollers/scep/trust/exchange_options.hpp"
#include "framework/sys/host_port.hpp"

#include <certctl/options.hpp>

#include <optional>
#include <string>
#include <vector>

namespace certctl::acme {

extern const OptionSpec kOptions[25];

struct Settings : trust::ExchangeSettings {
  std::string directory;    // its address
  std::string account_key;  // file
  KeySpec account_key_spec;
  std::vector<std::string> contact;  // "mailto:…"
  bool agree_terms = false;
  std::string binding_id;
  SecretSource binding_key;
  std::string http_webroot;                  // absolute; or
  std::optional<sys::HostPort> http_listen;  // this; or neither
  std::optional<sys::HostPort> tls_listen;
  std::string dns_script;  // absolute; empty: no dns-01
  std::chrono::seconds dns_propagation{0};
  std::chrono::seconds dns_timeout{60};
  std::string preferred_chain;
  std::string certificate_profile;
  bool drop_subject = false;
  bool renewal_info = true;
  std::chrono::seconds wait{60};
};

// Fails with "bad-option" (never) on values that cannot work.
Settings read_settings(const Options& options);

}  // namespace certctl::acme
