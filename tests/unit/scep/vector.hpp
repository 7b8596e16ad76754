// Loads the foreign messages of tests/data/scep (its README.md says what they are).
#pragma once

#include "enrollers/scep/protocol/reply.hpp"
#include "enrollers/scep/protocol/request.hpp"
#include "framework/crypto/certificate.hpp"
#include "framework/crypto/key.hpp"

#include <certctl/result.hpp>
#include <certctl/types.hpp>

#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace scep_test {

using certctl::Bytes;

struct Vector {
  std::filesystem::path folder;
  nlohmann::json json;

  [[nodiscard]] std::string name() const { return folder.filename().string(); }
  [[nodiscard]] std::string text(const std::string& key) const;  // a string of vector.json; "" when null or absent
  [[nodiscard]] bool has_file(const std::string& key) const { return json.at("files").contains(key); }
  [[nodiscard]] Bytes file(const std::string& key) const;
  [[nodiscard]] std::string file_text(const std::string& key) const;
  [[nodiscard]] certctl::crypto::Certificate certificate(const std::string& key) const;
  [[nodiscard]] certctl::crypto::Key key(const std::string& key) const;
  [[nodiscard]] certctl::TimePoint valid_at() const;
  [[nodiscard]] bool needs_legacy() const { return json.at("expected").value("needs_legacy_provider", false); }
};

// All of them, or those of one role ("request", "reply") and operation.
std::vector<Vector> all_vectors();
std::vector<Vector> vectors_of(const std::string& role, const std::string& operation);

Bytes from_hex(const std::string& hex);
std::string to_hex(const Bytes& bytes);  // lower case
// A serial number as vector.json writes it: hex of the value without a leading 00.
std::string serial_hex(const Bytes& octets);
std::string sha256_hex(const Bytes& bytes);

}  // namespace scep_test
