// The credential inside of an OpenVPN configuration (certctl/distributor.hpp has the rules of these calls).
#pragma once

#include <certctl/distributor.hpp>
#include <certctl/host.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "distributors/files/output/place.hpp"
#include "distributors/openvpn/inline_blocks.hpp"
#include "framework/crypto/material.hpp"

namespace certctl::openvpn {

struct InlineSettings {
  std::string path;
  bool append = false;  // blocks that are not there
  bool ca = false;      // also <ca>
};

class InlineTarget {
 public:
  // `host` must outlive it.
  InlineTarget(InlineSettings settings, Host& host) : settings_(std::move(settings)), host_(host) {}

  [[nodiscard]] Inspection inspect(const Credential* credential) const;
  // Failures (never): block-missing, file-missing, those of Configuration and Material.
  [[nodiscard]] Secret prepare(const Credential& credential) const;
  InstallReport install(const Credential& credential, const Secret& undo_token) const;
  void undo(const Secret& undo_token) const;

 private:
  struct Wanted {
    std::string tag;
    std::string content;
  };
  [[nodiscard]] std::vector<Wanted> wanted(const crypto::Material& material, const Configuration& configuration) const;
  // Until the file is what `edit` makes of it; false: it was.
  bool edit_file(const std::string& path, const std::function<void(Configuration&)>& edit) const;

  InlineSettings settings_;
  Host& host_;
};

}  // namespace certctl::openvpn
