// Internal to sys; callable between fork and exec.
#pragma once

namespace certctl::sys {

// Closes all descriptors from `first` on.
void close_from(int first) noexcept;

}  // namespace certctl::sys
