// Values as YAML writes them, on one line.
#pragma once

#include <certctl/options.hpp>

#include <string>
#include <string_view>

namespace certctl::config {

// The word itself where that is safe, else in double quotes with escapes.
[[nodiscard]] std::string scalar_text(std::string_view text);
// An absent value is "". An inline secret is "(secret)".
[[nodiscard]] std::string value_text(const OptionSpec& spec, const OptionValue& value);
[[nodiscard]] std::string command_text(const Command& command);
[[nodiscard]] std::string list_text(const std::vector<std::string>& list);

}  // namespace certctl::config
