// One profile's object of `status --json` as HTML. Pure.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace certctl::web {

// How much a profile wants somebody's attention; smaller: more.
enum class Urgency : int { broken, failing, waiting, well };
[[nodiscard]] Urgency urgency_of(const nlohmann::json& profile);

// "active, renewal on …" in a sentence, and what to do: for the overview and for the profile's page.
[[nodiscard]] std::string profile_card(const nlohmann::json& profile, std::int64_t now, bool linked);

// Issued, stored, delivered, served.
[[nodiscard]] std::string four_facts(const nlohmann::json& profile);

// The life of the certificate as a line: what is gone, when it is due, where we are.
[[nodiscard]] std::string time_line(const nlohmann::json& profile, std::int64_t now);

// Its targets, as a table; nothing when it has none.
[[nodiscard]] std::string targets_table(const nlohmann::json& profile, std::int64_t now);

// A text of an object; empty when it is not there or no text.
[[nodiscard]] std::string text_at(const nlohmann::json& object, const char* key);

}  // namespace certctl::web
