// Real servers for the probe to look at: `openssl s_server`, and a Python program that speaks SMTP before TLS.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "framework/crypto/certificate.hpp"
#include "framework/crypto/key.hpp"

#include <certctl/types.hpp>

#include "tests/unit/crypto/openssl_program.hpp"

namespace certctl::probe::test {

// A program that says "ACCEPT …:PORT" when it listens; ended with this object.
class Program {
 public:
  // Throws when it ends, or does not listen in time.
  explicit Program(std::vector<std::string> words);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  [[nodiscard]] int port() const { return port_; }

 private:
  pid_t pid_ = -1;
  int output_ = -1;
  int port_ = 0;
};

// A root, an intermediate CA, and end entities below it: CN=www with an RSA and with an EC key, CN=other.
struct Pairs {
  Credential rsa, ec, other;
  crypto::Certificate root;
};
const Pairs& pairs();

// Files of a credential for a server; they live as long as this object.
class Files {
 public:
  explicit Files(const Credential& credential);
  [[nodiscard]] std::string certificate() const { return directory_.path("cert"); }
  [[nodiscard]] std::string key() const { return directory_.path("key"); }
  [[nodiscard]] std::string chain() const { return directory_.path("chain"); }
  // The certificate with its chain.
  [[nodiscard]] std::string full() const { return directory_.path("full"); }

 private:
  crypto_test::TempDirectory directory_;
};

// `openssl s_server` on a free port of 127.0.0.1 with these further arguments.
std::vector<std::string> s_server(const std::vector<std::string>& arguments);

}  // namespace certctl::probe::test
