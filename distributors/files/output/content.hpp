// What a delivery writes into one file, and what can be seen in a file.
#pragma once

#include "framework/crypto/material.hpp"

#include <certctl/types.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace certctl::files {

// What can be shown and compared of a file.
struct Seen {
  std::string key;                        // SHA-256 of the public key, hex; empty: no key
  std::vector<std::string> certificates;  // fingerprints, in the file's order
  std::string serial;                     // of the first certificate
  friend bool operator==(const Seen& left, const Seen& right) {
    return left.key == right.key && left.certificates == right.certificates;
  }
};
// PEM or DER. Never fails: of what is no key and no certificate nothing is seen.
[[nodiscard]] Seen look(std::string_view content);
// One line: fingerprints.
[[nodiscard]] std::string text_of(const Seen& seen);

class Content {
 public:
  Content() = default;
  virtual ~Content() = default;
  Content(const Content&) = delete;
  Content& operator=(const Content&) = delete;

  // For people: "key", "combined".
  [[nodiscard]] virtual std::string word() const = 0;
  [[nodiscard]] virtual bool holds_key() const noexcept = 0;
  // The bytes; nothing: there is to be no such file. `old`: what is there now, empty if nothing is. Failures of
  // Material.
  [[nodiscard]] virtual std::optional<Secret> make(const crypto::Material& material, std::string_view old) const = 0;
  // What is seen in such a file. Never fails.
  [[nodiscard]] virtual Seen seen_in(std::string_view content) const { return look(content); }
};

enum class Part : int { certificate, key, chain, fullchain, ca, combined };
[[nodiscard]] std::string part_word(Part part);

// Key, certificate and CA certificates as PEM or (key and certificate) DER.
class PartContent final : public Content {
 public:
  explicit PartContent(Part part, crypto::KeyFormat key_format = crypto::KeyFormat::automatic, bool der = false)
      : part_(part), key_format_(key_format), der_(der) {}

  [[nodiscard]] std::string word() const override { return part_word(part_); }
  [[nodiscard]] bool holds_key() const noexcept override { return part_ == Part::key || part_ == Part::combined; }
  [[nodiscard]] std::optional<Secret> make(const crypto::Material& material, std::string_view old) const override;

 private:
  Part part_;
  crypto::KeyFormat key_format_;
  bool der_;
};

}  // namespace certctl::files
