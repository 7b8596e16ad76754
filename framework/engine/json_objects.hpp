// The objects of `--json` and of the daemon's API, one function each: keys may be added, none change.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "framework/engine/lives.hpp"
#include "framework/engine/preview.hpp"
#include "framework/engine/run.hpp"

namespace certctl::engine {

// Of renew, deliver, verify, rollback, release: one profile.
[[nodiscard]] nlohmann::json to_json(const RunReport& report);
// Of plan: one profile.
[[nodiscard]] nlohmann::json to_json(const Preview& preview);
// Of history: one generation.
[[nodiscard]] nlohmann::json to_json(const HistoryEntry& entry);
// An error without the time of it.
[[nodiscard]] nlohmann::json to_json(const Error& error);

}  // namespace certctl::engine
