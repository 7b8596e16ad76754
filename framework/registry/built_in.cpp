#include "framework/registry/built_in.hpp"

#include <cstddef>
#include <cstring>

// Made by the linker, which names the ends of a section; absent when no plugin is linked in.
extern "C" {
extern const char __start_certctl_plugin[] __attribute__((weak, visibility("hidden")));
extern const char __stop_certctl_plugin[] __attribute__((weak, visibility("hidden")));
}

namespace certctl::registry {

std::vector<const certctl_descriptor*> built_in_descriptors() {
  std::vector<const certctl_descriptor*> found;
  const char* at = __start_certctl_plugin;
  if (at == nullptr) return found;
  // Each object's part of the section begins at its own alignment: what the linker filled in between has no magic. A
  // sanitizer may put a red zone there.
  while (static_cast<std::size_t>(__stop_certctl_plugin - at) >= sizeof(certctl_descriptor)) {
    if (std::memcmp(at, CERTCTL_MAGIC, sizeof(CERTCTL_MAGIC)) == 0) {
      found.push_back(reinterpret_cast<const certctl_descriptor*>(at));
      at += sizeof(certctl_descriptor);
    } else {
      at += alignof(certctl_descriptor);
    }
  }
  return found;
}

}  // namespace certctl::registry
