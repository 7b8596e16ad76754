// What the store needs to know of keys and certificates.
#pragma once

#include <certctl/types.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace certctl::scepclient {

// A key and a certificate looked at together.
struct Pair {
  bool whole = false;
  std::string problem;      // why not: "the certificate cannot be read", "key and certificate do not belong together"
  std::string serial;       // of the certificate, as far as it could be read
  std::string fingerprint;  // same
  std::string certificate_pem;  // the certificate alone, in canonical PEM
};

// All certificates of a text, each in canonical PEM; nothing when something in it is no whole certificate.
using Certificates = std::optional<std::vector<std::string>>;

// Judges texts, and remembers its judgement of a text by the text's SHA-256: in one run a store reads the same few
// generations a dozen times, and decoding is most of what that costs. One thread.
class PairJudge {
 public:
  [[nodiscard]] Pair pair(const KeyRef& key, std::string_view certificate_text);
  [[nodiscard]] Certificates certificates(std::string_view text);
  // The certificates that lead from `certificate_pem` upwards, taken from `ca_set_pem`; self-signed ones left out.
  [[nodiscard]] std::vector<std::string> chain(const std::string& certificate_pem,
                                               const std::vector<std::string>& ca_set_pem);

 private:
  std::map<std::string, Pair> pairs_;
  std::map<std::string, Certificates> certificates_;
  std::map<std::string, std::vector<std::string>> chains_;
};

// A key as the text of its file, and back. A key that is not exportable is kept as a reference.
Secret key_file_text(const KeyRef& key);
KeyRef parse_key_file(std::string text);

}  // namespace certctl::scepclient
