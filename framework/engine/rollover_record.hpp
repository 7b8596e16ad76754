// What rollover.json in a profile's state directory says: which CA certificates are trusted beside the pin.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "framework/engine/rollover.hpp"

namespace certctl::engine {

// By the hash of the issuer that they were noted for.
using RolloverRecord = std::map<std::string, std::vector<VouchedCa>>;

// Throws Failure rollover-damaged.
[[nodiscard]] RolloverRecord rollover_record_from_text(const std::string& text);
[[nodiscard]] std::string rollover_record_to_text(const RolloverRecord& record);

}  // namespace certctl::engine
