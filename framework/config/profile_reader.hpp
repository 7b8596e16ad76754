// One profile: a tree, with `defaults` merged in, becomes data.
#pragma once

#include <optional>

#include "framework/config/catalog.hpp"
#include "framework/config/report.hpp"
#include "framework/config/substitution.hpp"

namespace certctl::config {

inline constexpr const char* kProfileKeys[] = {"profile", "issuer",   "issuers", "key",   "subject",
                                               "san",     "template", "usage",   "names", "renew",
                                               "pending", "store",    "deliver", "hooks"};

[[nodiscard]] bool is_profile_name(std::string_view name) noexcept;  // [a-z0-9][a-z0-9._-]{0,62}

// `name` is that of the file. What is wrong goes to the report; then nothing is returned.
[[nodiscard]] std::optional<Profile> read_profile(const Node& root, const std::string& name, const std::string& file,
                                                  const PluginCatalog& catalog, const SerialSource& serial,
                                                  Report& report);

// The option `keep` that every store has.
[[nodiscard]] std::span<const OptionSpec> store_options() noexcept;

}  // namespace certctl::config
