// A directory with a key, a request and CA certificates, and the program that is run in it.
#pragma once

#include "framework/crypto/certificate.hpp"
#include "framework/crypto/csr.hpp"
#include "framework/crypto/key.hpp"
#include "tests/compat/sscep/responder.hpp"
#include "tests/contract/test_host.hpp"

#include <string>
#include <vector>

namespace sscep_test {

struct Outcome {
  int code = -1;
  int signal = 0;
  std::string out;
  std::string err;
  [[nodiscard]] bool says(std::string_view line) const;    // on standard output, after the program's name
  [[nodiscard]] bool warns(std::string_view words) const;  // on standard error, anywhere
};

using Words = std::vector<std::string>;

inline const char* const kChallenge = "Sesam-oeffne-dich";

// One responder for all tests: its keys take time to make.
Responder& responder();
// Keys made once; the same number gives the same key.
const crypto::Key& key_number(int number);
const crypto::Key& ec_key();
Words operator+(Words left, const Words& right);

class Site {
 public:
  Site();  // key.pem, req.pem with a challenge, ca.pem (the CA of shape=single)

  [[nodiscard]] std::string path(const std::string& name) const;
  void write(const std::string& name, const std::string& content) const;
  [[nodiscard]] std::string read(const std::string& name) const;
  [[nodiscard]] bool has(const std::string& name) const;
  [[nodiscard]] std::vector<std::string> names() const;  // sorted
  [[nodiscard]] crypto::Certificate certificate(const std::string& name) const;
  void write_set(const std::string& base, const std::vector<crypto::Certificate>& set) const;
  crypto::Csr write_request(const crypto::Key& key, const std::string& key_name = "key.pem",
                            const std::string& request_name = "req.pem",
                            const std::string& challenge = kChallenge) const;

  // Forgets what the responder has seen, and runs the program.
  [[nodiscard]] Outcome sscep(const Words& words, int seconds = 60) const;
  // enroll with the usual files, and more words.
  [[nodiscard]] Outcome enroll(const std::string& knobs, const Words& more = {}) const;

 private:
  contract::Scratch scratch_;
};

// A certificate that the responder's CA has issued to key number 2, with its key: old.pem, old-key.pem; and a request
// with another key, or with the same one.
void prepare_renewal(Site& site, bool same_key = false);
Words renewal_words();

}  // namespace sscep_test
