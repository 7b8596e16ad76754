// What the store's directory tells without its plugin: it may be one that only the old app has written.
#pragma once

#include <string>
#include <vector>

namespace certctl::router_app {

// $SCEPCLIENT_STORE, else /var/data/scepClient.
[[nodiscard]] std::string default_store();

// The certificates of the CA in ca.crt-0, ca.crt-1 … (or ca.crt.1, or a single ca.crt): those above the certificate in
// service; all when there is none, or none is above it. What cannot be read is left out.
struct Authority {
  std::string fingerprint;  // sha256:…
  std::string subject;      // for people
};
[[nodiscard]] std::vector<Authority> authorities_in(const std::string& store);

// Serial of latest.crt; empty: there is none that can be read.
[[nodiscard]] std::string serial_in(const std::string& store);

}  // namespace certctl::router_app
