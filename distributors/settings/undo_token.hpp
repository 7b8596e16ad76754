// What the journal keeps until a delivery has ended: where each value stands, what it was, and the form and hash of
// what comes. Holds the old private key.
#pragma once

#include "distributors/settings/editor/edit.hpp"

#include <certctl/types.hpp>

#include <string>
#include <vector>

namespace certctl::settings {

struct UndoValue {
  Slot slot;
  std::vector<std::string> new_hashes;  // one for each place
};

struct UndoToken {
  std::string file;  // canonical
  std::vector<UndoValue> values;
};

[[nodiscard]] Secret to_text(const UndoToken& token);
// Failure undo-token-damaged (RetryClass::never).
[[nodiscard]] UndoToken undo_token_from(const Secret& text);

}  // namespace certctl::settings
