// What rollover.json in a profile's state directory says: which CA certificates are trusted beside the pin.
#pragma once

#include <string>
#include <vector>

#include "framework/engine/rollover.hpp"

namespace certctl::engine {

struct RolloverRecord {
  std::string issuer_hash;  // of the issuer that they were noted for
  std::vector<VouchedCa> authorities;
};

// Throws Failure rollover-damaged.
[[nodiscard]] RolloverRecord rollover_record_from_text(const std::string& text);
[[nodiscard]] std::string rollover_record_to_text(const RolloverRecord& record);

}  // namespace certctl::engine
