// Users and groups of this system, by name or number. Safe on any thread: several profiles are at work at once, and a
// key must not get the owner of another one's.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace certctl::sys {

struct Account {
  uid_t user = 0;
  gid_t group = 0;  // its primary one
};

// The user of that name; nothing when there is none.
[[nodiscard]] std::optional<Account> find_account(const std::string& name);

// "0" or "root": a number in decimal, which no user need have, or a name. Nothing for a name that nobody has, and for
// the number that chown(2) takes for "unchanged".
[[nodiscard]] std::optional<uid_t> user_id(const std::string& text);
[[nodiscard]] std::optional<gid_t> group_id(const std::string& text);

}  // namespace certctl::sys
