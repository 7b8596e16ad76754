// File systems that keep no modes (FAT, exFAT, some of FUSE and of the network) say yes to fchmod() and do nothing.
#pragma once

#include <sys/types.h>

#include <string>

namespace certctl::sys {

// Succeeds when group and others may read and write the open file or directory no more than `mode` lets them. Failure
// modes-not-kept, whose text begins with `what`. Call it after fchmod() and before there is any content (P2).
void require_kept_mode(int descriptor, mode_t mode, const std::string& what);

// Succeeds when the file system below the directory, or below the one above it if it does not exist yet, keeps modes
// and has symbolic links, which a store needs. Leaves nothing behind. Failures modes-not-kept, no-links, and those of
// system_failure().
void require_modes_and_links(const std::string& directory);

}  // namespace certctl::sys
