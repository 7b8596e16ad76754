// A CA of a test's own: root, intermediate, and credentials that are valid while the test runs. Real services look at
// the clock.
#pragma once

#include <certctl/types.hpp>

#include <string>

#include "framework/crypto/issue.hpp"

namespace certctl::contract {

class TestAuthority {
 public:
  // Names of its CA certificates: "NAME root", "NAME issuing".
  explicit TestAuthority(const std::string& name = "Test");

  // A new key, a certificate with these names and for clients and servers, its chain and CA set. Its serial is random.
  [[nodiscard]] Credential issue(const std::string& common_name, const std::string& dns_name = {},
                                 KeyType type = KeyType::ec) const;

  [[nodiscard]] const crypto::Certificate& root() const noexcept { return root_.certificate; }
  [[nodiscard]] const crypto::Certificate& intermediate() const noexcept { return issuing_.certificate; }

 private:
  crypto::Issuer root_;
  crypto::Issuer issuing_;
};

}  // namespace certctl::contract
