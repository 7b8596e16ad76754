// Where a file is: an open directory, and a name in it. Everything goes through the descriptor: whoever owns a
// directory on the way can rename it or put a link in its place, and leads nobody elsewhere.
#pragma once

#include <string>

#include "framework/sys/file_descriptor.hpp"

namespace certctl::sys {

struct GuardedPath {
  FileDescriptor directory;    // for reading
  std::string directory_path;  // absolute, without links
  std::string name;            // in it; the file may be absent, and is no link when it was looked at
  std::string path;            // of the file: absolute, without links
};

// Walks to the file. On the way links are followed only if they belong to root or the running user; so is a link that
// has the file's own name. Failures (RetryClass::never): bad-path (not absolute, or no name of a file), unsafe-path
// (another user's link, or links in a circle), not-a-file, directory-missing; later: those of sys.
[[nodiscard]] GuardedPath find_guarded(const std::string& path);

}  // namespace certctl::sys
