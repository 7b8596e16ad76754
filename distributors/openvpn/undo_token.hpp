// What the journal keeps of a delivery into a configuration until it has ended. Holds private keys.
#pragma once

#include <certctl/types.hpp>

#include <optional>
#include <string>
#include <vector>

namespace certctl::openvpn {

struct UndoBlock {
  std::string tag;
  std::optional<Secret> old;  // nothing: there was no such block
  Secret comes;               // what install() writes
  std::string before;         // what install() adds before a block that it appends
};

struct UndoToken {
  std::string path;         // without links
  std::string fingerprint;  // of the credential that comes
  std::vector<UndoBlock> blocks;
};

[[nodiscard]] Secret to_text(const UndoToken& token);
// Failure undo-token-damaged (RetryClass::never).
[[nodiscard]] UndoToken undo_token_from(const Secret& text);

}  // namespace certctl::openvpn
