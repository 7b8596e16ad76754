// Leaves a trace when code of the plugin runs at load: the file that the environment names. A plugin that is refused
// must not come that far.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>

namespace {
struct Marker {
  Marker() {
    const char* const path = std::getenv("CERTCTL_TEST_MARKER");
    if (path == nullptr) return;
    const int file = ::open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    if (file >= 0) ::close(file);
  }
};
const Marker kMarker;
}  // namespace
