// One value of a plugin's option table, from its node to its type.
#pragma once

#include <certctl/options.hpp>

#include <optional>
#include <string>
#include <vector>

#include "framework/config/report.hpp"
#include "framework/config/tree.hpp"

namespace certctl::config {

// What is wrong goes to the report, and nothing is returned. Paths are made absolute against the directory of the
// node's file. `name` is how messages call the value.
[[nodiscard]] std::optional<OptionValue> read_option(const OptionSpec& spec, const Node& node, const std::string& name,
                                                     Report& report);
// The default of the table; an absent one is std::monostate.
[[nodiscard]] std::optional<OptionValue> default_option(const OptionSpec& spec, const Mark& mark, Report& report);

[[nodiscard]] std::vector<std::string> choices_of(const OptionSpec& spec);

// The parts that engine keys use too. Nothing is returned after an error.
[[nodiscard]] std::optional<std::string> read_text(const Node& node, const std::string& name, Report& report);
[[nodiscard]] std::optional<std::string> read_choice(const Node& node, const std::vector<std::string>& choices,
                                                     const std::string& name, Report& report);
[[nodiscard]] std::optional<std::vector<std::string>> read_list(const Node& node, const std::string& name,
                                                                Report& report);
[[nodiscard]] std::optional<Command> read_command(const Node& node, const std::string& name, Report& report);
[[nodiscard]] std::optional<std::int64_t> read_integer(const Node& node, std::int64_t least, std::int64_t most,
                                                       const std::string& name, Report& report);
[[nodiscard]] std::optional<bool> read_boolean(const Node& node, const std::string& name, Report& report);
[[nodiscard]] std::optional<std::chrono::seconds> read_duration(const Node& node, std::chrono::seconds least,
                                                                std::chrono::seconds most, const std::string& name,
                                                                Report& report);
[[nodiscard]] std::optional<std::string> read_path(const Node& node, const std::string& name, Report& report);

// `path` against the directory of `file`, without `.` and `..`.
[[nodiscard]] std::string absolute_beside(const std::string& path, const std::string& file);

}  // namespace certctl::config
