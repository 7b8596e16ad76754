// What a SCEP server can be asked beside certificates of one's own: its CA set, a certificate by serial number, a CRL.
#pragma once

#include "enrollers/scep/settings.hpp"
#include "enrollers/scep/transport.hpp"

#include <certctl/enroller.hpp>

#include <string>
#include <vector>

namespace certctl::scep {

TrustAnchors look_up_anchors(const Settings& settings, Transport& transport,
                             const std::vector<std::string>& vouched_pem, Host& host);

// PEM. `current_ca_set_pem` is what came with the active certificate.
std::vector<std::string> look_up_next_anchors(const Settings& settings, Transport& transport,
                                              const std::vector<std::string>& current_ca_set_pem,
                                              const std::vector<std::string>& vouched_pem, Host& host);

// GetCert (RFC 8894 §3.3.4), signed with the credential in service. serial: hex. Returns PEM.
std::string look_up_certificate(const Settings& settings, Transport& transport, const std::string& serial,
                                const EnrollRequest& request, Host& host);

// The list that judges the certificate in service: from the addresses that it names (http, https; RFC 8894 §2.7 wants
// them asked first), and by GetCRL when it names none or none of them answers. DER; the caller judges its signature.
Bytes look_up_crl(const Settings& settings, Transport& transport, const EnrollRequest& request, Host& host);

}  // namespace certctl::scep
