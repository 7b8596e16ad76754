// Whether somebody else could change what is found under a path (P13).
#pragma once

#include <string>

namespace certctl::registry {

enum class Leaf : int {
  file,       // a regular file
  directory,  // that nobody else can write to, sticky or not
};

// Follows an absolute path from the root and returns it without symbolic links. Each directory and link on the way, and
// the end, must belong to root or the running user (effective id); none may be writable by others (group, world, or a
// list that the mode shows), except directories above that are sticky. Throws Failure: plugin-unsafe; plugin-unloadable
// when something can't be looked at or has another type; plugin-missing when the end or something above is not there.
//
// What it returns stays true: to exchange any name on the way, one must be able to write to the directory above it,
// which was found to be root's or ours before the name was looked at. So the file can be opened by that path later.
[[nodiscard]] std::string trusted_path(const std::string& path, Leaf leaf);

}  // namespace certctl::registry
