// What the journal keeps until a delivery has ended: each file as it was, and what comes. Holds private keys.
#pragma once

#include <certctl/types.hpp>

#include <optional>
#include <string>
#include <vector>

#include "distributors/files/output/place.hpp"
#include "distributors/files/output/staged_file.hpp"

namespace certctl::files {

struct UndoFile {
  std::string path;             // without links
  std::optional<Existing> old;  // nothing: there was none
  // What install() writes.
  std::optional<Secret> comes;  // nothing: there is to be none
  bool holds_key = false;
  Access access;
};

struct UndoToken {
  std::string fingerprint;  // of the credential that comes
  std::vector<UndoFile> files;
};

[[nodiscard]] Secret to_text(const UndoToken& token);
// Failure undo-token-damaged (RetryClass::never).
[[nodiscard]] UndoToken undo_token_from(const Secret& text);

}  // namespace certctl::files
