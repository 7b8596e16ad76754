// A path as an open directory and a plain name in it. Internal to sys.
#pragma once

#include <string>

#include "framework/sys/file_descriptor.hpp"

namespace certctl::sys {

struct PathParts {
  std::string parent;  // "." for a plain name
  std::string name;    // no slash, never empty, "." or ".."
};

// Failure bad-path (never) for a path that ends in no name.
[[nodiscard]] PathParts split_path(const std::string& path);

// For reading, links followed. Failure with `what` before it.
[[nodiscard]] FileDescriptor open_directory(const std::string& path, const std::string& what);

// fsync of a directory; file systems that can't do it are forgiven. Failure with `what` before it.
void sync_directory(int directory, const std::string& what);

}  // namespace certctl::sys
