// The options that every enroller with a pin has: which CA is trusted, and what bounds an HTTP exchange.
#pragma once

#include "enrollers/scep/trust/pin.hpp"

#include <certctl/options.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace certctl::trust {

// What an enroller's settings begin with.
struct ExchangeSettings {
  PinSettings pin;
  std::string proxy;
  std::string tls_ca_file;
  std::chrono::seconds timeout{60};
  std::int64_t max_reply = 4 << 20;
};

// Of the options `ca_fingerprint`, `ca_file`, `trust_on_first_use`, `proxy`, `tls_ca_file`, `timeout`, `max_reply`, as
// far as the table has them. Fails with "bad-option" (never) on values that cannot work.
[[nodiscard]] ExchangeSettings exchange_settings(const Options& options);

// "bad-option" (never) for an address with a blank, a control character or no host, or that begins with none of the
// schemes given. `example` is shown.
void check_address(const std::string& url, std::initializer_list<std::string_view> schemes, const std::string& example);

}  // namespace certctl::trust
