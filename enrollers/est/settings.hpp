// The options of the plugin: the table, and what it becomes.
#pragma once

#include "enrollers/scep/trust/exchange_options.hpp"

#include <certctl/options.hpp>

#include <string>

namespace certctl::est {

extern const OptionSpec kOptions[19];

enum class LoginScheme : int { either, basic, digest };

struct Settings : trust::ExchangeSettings {
  std::string base;  // https://host:port/.well-known/est/LABEL, without a slash at its end
  std::string user;
  SecretSource password;
  LoginScheme scheme = LoginScheme::either;
  bool renewal_login = true;
  std::string client_certificate;  // PEM file
  SecretSource client_key;
  bool csr_attributes = true;
  bool server_key = false;
  bool profile_subject_on_renewal = false;
};

// Fails with "bad-option" (never) on values that cannot work.
Settings read_settings(const Options& options);

}  // namespace certctl::est
