// The plugins that are linked into the program.
#pragma once

#include <certctl/abi.h>

#include <vector>

namespace certctl::registry {

// Their descriptors, unchecked beyond the magic, in the order of linking.
[[nodiscard]] std::vector<const certctl_descriptor*> built_in_descriptors();

}  // namespace certctl::registry
