// URLs: checked before they are used, shown without what is nobody's business. Internal to net.
#pragma once

#include <string>

namespace certctl::net {

struct Url {
  std::string scheme;  // "http" or "https"; of a directory "ldap"
  std::string origin;  // scheme, host and port, for comparing
  std::string shown;   // for people: without user, password and query
};

// Throws HttpFailure bad-url.
[[nodiscard]] Url check_url(const std::string& url);
// The same for an address in a directory: scheme "ldap". Throws HttpFailure bad-url, which is not about the profile.
[[nodiscard]] Url check_directory_url(const std::string& url);
// The proxy's host and port, for people; empty for none. Throws HttpFailure bad-proxy.
[[nodiscard]] std::string check_proxy(const std::string& proxy);

}  // namespace certctl::net
