#include "tests/contract/credentials.hpp"

#include "framework/crypto/certificate.hpp"
#include "tests/contract/credential_files.hpp"

namespace certctl::contract {

Credential test_credential(const std::string& name) {
  const auto read = [](const std::string& file) { return std::string(credential_file(file)); };
  Credential credential;
  credential.certificate_pem = read(name + ".crt");
  const auto certificate = crypto::Certificate::from_pem(credential.certificate_pem);
  credential.serial = certificate.serial();
  credential.fingerprint = certificate.fingerprint();
  credential.key.provider = "file";
  credential.key.pem = Secret(read(name + ".key"));
  credential.chain_pem = {read("ca-issuing.pem")};
  credential.ca_set_pem = {read("ca-issuing.pem"), read("ca-root.pem")};
  return credential;
}

}  // namespace certctl::contract
