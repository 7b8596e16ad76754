// All processes below one. Internal to sys; callable between fork and exec: no memory but pages from the system.
#pragma once

#include <sys/types.h>

namespace certctl::sys {

// How many there are, without zombies.
[[nodiscard]] int count_descendants(pid_t ancestor) noexcept;

// Sends `signal` to each and returns to how many; SIGSTOP only to those that are not stopped.
int signal_descendants(pid_t ancestor, int signal) noexcept;

}  // namespace certctl::sys
