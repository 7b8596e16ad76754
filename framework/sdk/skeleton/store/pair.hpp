// What a store needs to know of keys and certificates.
#pragma once

#include <certctl/types.hpp>

#include <string>
#include <vector>

struct Pair {
  std::string serial;       // as `openssl x509 -serial` prints it
  std::string fingerprint;  // "sha256:" and 64 lower-case hex digits
  std::string problem;      // why it is no whole pair; empty: it is one
};

// A key that is not exportable only its provider can compare: it is taken as it is.
[[nodiscard]] Pair look_at(const std::string& certificate_pem, const certctl::KeyRef& key);

// The certificates of a text that put() wrote, one text each.
[[nodiscard]] std::vector<std::string> split(const std::string& pem);
