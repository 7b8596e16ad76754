#include "enrollers/scep/trust/exchange_options.hpp"

#include "enrollers/scep/trust/bad_option.hpp"

#include <algorithm>

namespace certctl::trust {

ExchangeSettings exchange_settings(const Options& options) {
  ExchangeSettings settings;
  for (const std::string& text : options.list("ca_fingerprint"))
    settings.pin.fingerprints.push_back(parse_fingerprint(text));
  settings.pin.ca_file = options.text("ca_file");
  settings.pin.trust_on_first_use = options.flag("trust_on_first_use");
  settings.proxy = options.text("proxy");
  settings.tls_ca_file = options.text("tls_ca_file");
  settings.timeout = options.duration("timeout");
  settings.max_reply = options.integer("max_reply");
  if (settings.timeout < std::chrono::seconds(1) || settings.timeout > std::chrono::hours(1))
    bad_option("timeout must be between 1s and 1h");
  if (settings.max_reply < 4096 || settings.max_reply > (16 << 20))
    bad_option("max_reply must be between 4KiB and 16MiB");
  return settings;
}

void check_address(const std::string& url, std::initializer_list<std::string_view> schemes,
                   const std::string& example) {
  std::string names;
  for (const std::string_view scheme : schemes) {
    const std::string start = std::string(scheme) + "://";
    names += (names.empty() ? "" : " or ") + std::string(scheme);
    if (!url.starts_with(start)) continue;
    if (url.size() == start.size() || url[start.size()] == '/') bad_option("url has no host: " + url);
    if (std::any_of(url.begin(), url.end(), [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F; }))
      bad_option("url has a blank or control character in it", "percent-escape it");
    return;
  }
  bad_option("url is not an " + names + " address: " + url, "write it as " + example);
}

}  // namespace certctl::trust
