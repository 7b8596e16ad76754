// The plugin's further powers: CA certificates, their successors, published revocation lists.
#pragma once

#include "enrollers/est/settings.hpp"
#include "enrollers/est/transport.hpp"

#include <certctl/enroller.hpp>

#include <string>
#include <vector>

namespace certctl::est {

TrustAnchors look_up_anchors(const Settings& settings, Transport& transport,
                             const std::vector<std::string>& vouched_pem, Host& host);
// Root certificates that the CA in service has proved by new-with-old certificates in /cacerts.
std::vector<std::string> look_up_next_anchors(const Settings& settings, Transport& transport,
                                              const std::vector<std::string>& current_ca_set_pem,
                                              const std::vector<std::string>& vouched_pem, Host& host);
// From where the certificate in service says: EST itself has no operation for it.
Bytes look_up_crl(Transport& transport, const EnrollRequest& request, Host& host);

}  // namespace certctl::est
