// What a profile asks of the issuer: subject, alternative names, template, usages.
#pragma once

#include "framework/config/report.hpp"
#include "framework/config/substitution.hpp"

namespace certctl::config {

// Fills `request` from the profile's map; what is wrong goes to the report. Usages become their canonical names.
void read_request(const Node& profile, const SerialSource& serial, CertificateRequest& request, Report& report);

}  // namespace certctl::config
