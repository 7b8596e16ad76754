// The bytes of each file, and what is in the bytes of a file.
#pragma once

#include "distributors/files/layout.hpp"
#include "distributors/settings/editor/material.hpp"

#include <certctl/types.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace certctl::files {

// The form that a key gets where `old_content` was (empty: nothing).
[[nodiscard]] settings::KeyForm key_form_for(const settings::Material& material, settings::KeyFormat format,
                                             std::string_view old_content);

// Failures of Material.
[[nodiscard]] Secret content_of(const settings::Material& material, Part part, bool der, settings::KeyForm form);

// What can be shown and compared of a file.
struct Seen {
  std::string key;                        // SHA-256 of the public key, hex; empty: no key
  std::vector<std::string> certificates;  // fingerprints, in the file's order
  std::string serial;                     // of the first certificate
  friend bool operator==(const Seen& left, const Seen& right) {
    return left.key == right.key && left.certificates == right.certificates;
  }
};
// Never fails: of what is no key and no certificate nothing is seen.
[[nodiscard]] Seen look(std::string_view content);
// One line: fingerprints.
[[nodiscard]] std::string text_of(const Seen& seen);

}  // namespace certctl::files
