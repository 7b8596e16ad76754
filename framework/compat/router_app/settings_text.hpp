// The module's settings file: assignments that the init script sources with sh. Bytes in, values out; nothing is ever
// executed or expanded here.
//
// A value is a word as sh reads it: plain, in 'single' or "double" quotes (which may span lines), with backslashes, or
// such parts side by side. `$` and `` ` `` stand for themselves, with a warning where sh would expand them.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "framework/config/diagnostic.hpp"

namespace certctl::router_app {

inline constexpr std::size_t kLongestSettingsFile = 64U << 10U;
inline constexpr std::size_t kLongestValue = 8U << 10U;

struct Setting {
  std::string name;
  std::string value;
  int line = 0;           // of the name, from 1
  std::size_t begin = 0;  // of its first line, and one past its last: offsets into the text
  std::size_t end = 0;
};

struct SettingsText {
  std::vector<Setting> settings;  // in the file's order
  std::vector<config::Diagnostic> diagnostics;

  // The last one of that name, as sh has it; null: none.
  [[nodiscard]] const Setting* find(std::string_view name) const noexcept;
};

// `file` is for messages. A line that cannot be read is an error with its place; the others are read all the same.
[[nodiscard]] SettingsText parse_settings(std::string_view text, const std::string& file);

// In single quotes, so that sh reads back exactly this and expands nothing.
[[nodiscard]] std::string quoted_for_sh(std::string_view value);

// The text with these values: lines of other names, comments and the order stay; a name that is not there is appended.
// Of a name that is there twice the last one stays. Precondition: names are sh names, values have no NUL.
[[nodiscard]] std::string with_values(std::string_view text, const std::map<std::string, std::string>& values);

}  // namespace certctl::router_app
