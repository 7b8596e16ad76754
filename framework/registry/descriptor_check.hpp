// The first look at a descriptor, in plain C terms: nothing C++ of the plugin is touched before all of it holds.
#pragma once

#include <certctl/abi.h>

#include <string>
#include <string_view>

#include "framework/registry/plugin_info.hpp"

namespace certctl::registry {

// Whether `name` is of the form [a-z0-9][a-z0-9_-]*, at most 64 characters. Such a name is safe in a file name.
[[nodiscard]] bool is_plugin_name(std::string_view name) noexcept;

// The plain numbers of a descriptor. Throws Failure: plugin-malformed, plugin-revision.
void check_head(const char (&magic)[8], std::uint32_t struct_size, std::uint32_t kind, const certctl_build& build);

// The plugin behind a descriptor that was found in `path` (empty: linked into the program). Throws Failure:
// plugin-malformed, plugin-revision; the message does not name the file.
[[nodiscard]] Plugin checked_plugin(const certctl_descriptor& descriptor, const std::string& path);

}  // namespace certctl::registry
