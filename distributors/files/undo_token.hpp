// What the journal keeps until a delivery has ended: each file as it was, and what comes. Holds the old private key.
#pragma once

#include <certctl/types.hpp>

#include <optional>
#include <string>
#include <vector>

#include "distributors/files/content.hpp"
#include "distributors/files/place.hpp"
#include "distributors/files/staged_file.hpp"

namespace certctl::files {

struct UndoFile {
  Part part = Part::certificate;
  std::string path;             // without links
  std::optional<Existing> old;  // nothing: there was none
  // What install() writes.
  settings::KeyForm key_form = settings::KeyForm::pkcs8;
  Access access;
  std::string new_hash;  // SHA-256 of the content, hex
};

struct UndoToken {
  std::vector<UndoFile> files;
};

[[nodiscard]] Secret to_text(const UndoToken& token);
// Failure undo-token-damaged (RetryClass::never).
[[nodiscard]] UndoToken undo_token_from(const Secret& text);

}  // namespace certctl::files
