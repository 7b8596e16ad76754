// Who started whom, by /proc. Internal to sys.
#pragma once

#include <sys/types.h>

namespace certctl::sys {

// Whether `process` is the parent of this process, or the parent's parent, and so on.
[[nodiscard]] bool is_ancestor(pid_t process);

}  // namespace certctl::sys
