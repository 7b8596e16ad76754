// A file that holds a whole credential under a password.
#pragma once

#include <certctl/types.hpp>

#include <string>

#include "distributors/files/output/content.hpp"
#include "framework/crypto/pkcs12.hpp"

namespace certctl::pkcs12 {

struct Settings {
  std::string friendly_name;
  bool root = false;  // after the chain
  crypto::Pkcs12Encryption encryption = crypto::Pkcs12Encryption::modern;
};

class Pkcs12Content final : public files::Content {
 public:
  Pkcs12Content(Settings settings, Secret password) : settings_(std::move(settings)), password_(std::move(password)) {}

  [[nodiscard]] std::string word() const override { return "pkcs12"; }
  [[nodiscard]] bool holds_key() const noexcept override { return true; }
  // `old` itself if it says the same: a new file has new salts, and would look like a change.
  [[nodiscard]] std::optional<Secret> make(const crypto::Material& material, std::string_view old) const override;
  // Nothing of a file that the password does not open.
  [[nodiscard]] files::Seen seen_in(std::string_view content) const override;

 private:
  [[nodiscard]] std::optional<crypto::Pkcs12> opened(std::string_view content) const;

  Settings settings_;
  Secret password_;
};

}  // namespace certctl::pkcs12
