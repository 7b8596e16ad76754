// What a file says of itself before it is loaded.
#pragma once

#include <certctl/abi.h>

#include <cstdint>
#include <string>

namespace certctl::registry {

// The part of a descriptor that is plain numbers, and so stands in the file as it will stand in memory.
struct DescriptorHead {
  char magic[8];
  std::uint32_t struct_size;
  std::uint32_t kind;
  certctl_build build;
};

// Reads the head of the descriptor from the section certctl_plugin of a native ELF file; runs nothing of the file.
// Throws Failure plugin-malformed when the file is none, is cut off or damaged, or has no such section, or
// plugin-unloadable when it can't be read. The messages do not name the file.
[[nodiscard]] DescriptorHead read_descriptor_head(const std::string& path);

}  // namespace certctl::registry
