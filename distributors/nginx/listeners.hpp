// Where a certificate can be seen from outside, as nginx's configuration says.
#pragma once

#include <string>
#include <vector>

#include "distributors/nginx/servers.hpp"
#include "framework/probe/listener.hpp"

namespace certctl::nginx {

struct Listeners {
  bool used = false;  // some server has the certificate
  std::vector<probe::Listener> listeners;
  std::vector<std::string> left_out;  // for the log: addresses of such servers that cannot be asked, and why
};

struct ListenerQuery {
  std::string certificate;                // path; compared after links are resolved
  std::vector<std::string> server_names;  // instead of those of the servers; empty: those
  bool ipv6 = true;                       // [::1] can be connected to
};

// For each server with the certificate, each of its TLS addresses: once without a server name where it is the default,
// and once for each name under which it answers. All addresses become a loopback address where no other server of the
// configuration has that for itself. A name with a wildcard becomes one that matches; a regular expression is left out.
[[nodiscard]] Listeners find_listeners(const Configuration& configuration, const ListenerQuery& query);

// Whether this machine has the address ::1.
[[nodiscard]] bool has_ipv6_loopback() noexcept;

}  // namespace certctl::nginx
