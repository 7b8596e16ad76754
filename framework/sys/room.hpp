// Whether something can be written to a place, found out before anything that cannot be taken back.
#pragma once

#include <cstddef>
#include <string>

namespace certctl::sys {

// Succeeds when files of `bytes` in all can be made in the directory, or, if it does not exist yet, in the one above
// it, in which the directory itself can be made. Leaves nothing behind, and follows links. The failures of
// system_failure(): file-missing (that one above is missing), read-only, permission-denied, disk-full ….
void require_room(const std::string& directory, std::size_t bytes);

}  // namespace certctl::sys
