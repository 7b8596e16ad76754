// What must hold of a profile's state directory and of the settings file that it is delivered to, judged from outside.
#pragma once

#include <string>
#include <vector>

#include "tests/fault/violation.hpp"

namespace certctl::fault {

// `clean`: nothing that a finished run would not leave. `store` is looked at for keys only.
std::vector<Violation> state_violations(const std::string& state, bool clean);

// The key of each of these certificates (PEM files, as the CA keeps what it issued) is below one of these directories.
std::vector<Violation> key_violations(const std::vector<std::string>& certificates,
                                      const std::vector<std::string>& directories);

// "FILE:KEY-VARIABLE:CERTIFICATE-VARIABLE": both values are empty, or they are a pair (base64 of PEM). Nothing half
// written lies beside it.
std::vector<Violation> settings_violations(const std::string& words);

}  // namespace certctl::fault
