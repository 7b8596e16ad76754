// One profile's object of `plan --json` as HTML. Pure.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace certctl::web {

// What will be done at the issuer and delivered, what holds it back, and when; `now`: seconds since 1970.
[[nodiscard]] std::string plan_box(const nlohmann::json& plan, std::int64_t now);

// Whom it disturbs and what changes, target by target; `verb` is the action that is asked for (`verify` disturbs
// nobody).
[[nodiscard]] std::string plan_targets(const nlohmann::json& plan, const std::string& verb);

}  // namespace certctl::web
