// Internal to sys.
#pragma once

#include "framework/sys/atomic_file.hpp"

struct stat;

namespace certctl::sys {

[[nodiscard]] FileVersion version_of(const struct stat& status) noexcept;

}  // namespace certctl::sys
