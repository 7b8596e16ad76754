// errno in the words of certctl.
#pragma once

#include <certctl/result.hpp>

#include <string>

namespace certctl::sys {

// The failure for `error` (an errno): "<what>: <words>". Codes: disk-full (no space, quota), read-only,
// permission-denied, io-error (the medium), file-missing, symbolic-link, too-many-files, out-of-memory, system-error
// (all others).
[[nodiscard]] Failure system_failure(const std::string& what, int error);

}  // namespace certctl::sys
