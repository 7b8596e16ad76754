#include "framework/net/http_client.hpp"

#include <algorithm>
#include <utility>

namespace certctl::net {

HttpSettings bounded_settings(std::string proxy, std::string tls_ca_file, std::chrono::seconds timeout,
                              std::int64_t max_reply) {
  HttpSettings settings;
  settings.proxy = std::move(proxy);
  settings.tls_ca_file = std::move(tls_ca_file);
  settings.timeout = timeout;
  settings.connect_timeout = std::min<std::chrono::milliseconds>(settings.connect_timeout, timeout);
  settings.max_reply = static_cast<std::size_t>(max_reply);
  return settings;
}

}  // namespace certctl::net
