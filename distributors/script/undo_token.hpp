// What a script is run with when a delivery is undone. Holds no private key: the generation's directory does.
#pragma once

#include <certctl/types.hpp>

#include <optional>
#include <string>

namespace certctl::script {

struct UndoToken {
  std::string new_fingerprint;         // of the credential that install() delivers
  std::optional<Credential> previous;  // without its key; nothing: there is none to go back to
};

[[nodiscard]] Secret to_text(const UndoToken& token);
// Failure undo-token-damaged (RetryClass::never).
[[nodiscard]] UndoToken undo_token_from(const Secret& text);

}  // namespace certctl::script
