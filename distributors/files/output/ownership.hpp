// Who may read the files that a delivery writes: four options, the same in every distributor that writes files.
#pragma once

#include <certctl/options.hpp>

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace certctl::files {

// Rows for a plugin's table of options.
inline constexpr OptionSpec kOwnerOption = {
    "owner", OptionType::text, "", false, false, "", "user the files belong to; else as the file that is there"};
inline constexpr OptionSpec kGroupOption = {
    "group", OptionType::text, "", false, false, "", "group the files belong to; else as the file that is there"};
inline constexpr OptionSpec kModeOption = {
    "mode",
    OptionType::text,
    "",
    false,
    false,
    "",
    "mode of files without a key; else as the file that is there, 0644 for a new one"};
inline constexpr OptionSpec kKeyModeOption = {
    "key_mode",
    OptionType::text,
    "",
    false,
    false,
    "",
    "mode of files with a key; else as the file that is there, 0600 for a new one"};

struct Ownership {
  std::string owner;  // name or number; empty: as the file that is there
  std::string group;
  std::optional<mode_t> mode;  // nothing: as the file that is there
  std::optional<mode_t> key_mode;
};

// `plugin`: its name, for messages. Options that its table does not have are not given. Failure bad-option (never): no
// mode; a key that everybody could read.
[[nodiscard]] Ownership read_ownership(const Options& options, std::string_view plugin);

// Failure bad-option (never) when there is none. A number needs no entry.
[[nodiscard]] uid_t user_id(const std::string& name);
[[nodiscard]] gid_t group_id(const std::string& name);

}  // namespace certctl::files
