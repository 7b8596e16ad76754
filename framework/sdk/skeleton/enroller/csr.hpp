// The request for a certificate (PKCS #10), from what certctl says of it.
#pragma once

#include <certctl/enroller.hpp>

#include <string>
#include <vector>

// PEM, signed with the request's key. Throws certctl::Failure.
[[nodiscard]] std::string make_csr(const certctl::EnrollRequest& request);

// The certificates of a PEM text, one text each, all written in the same way.
[[nodiscard]] std::vector<std::string> certificates_in(const std::string& pem);
