// Any bytes as the file of a plugin: its head is read, or it is refused, before anything of it is loaded.
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "framework/registry/elf_file.hpp"
#include "tests/fuzz/require.hpp"

using namespace certctl;

namespace {

// One file for all inputs; gone with the program.
class PluginFile {
 public:
  PluginFile() : path_((std::filesystem::temp_directory_path() / "certctl-fuzz-XXXXXX").string()) {
    descriptor_ = ::mkstemp(path_.data());
    fuzz::require(descriptor_ >= 0, "there is a place for a file");
  }
  ~PluginFile() {
    ::close(descriptor_);
    ::unlink(path_.c_str());
  }
  PluginFile(const PluginFile&) = delete;
  PluginFile& operator=(const PluginFile&) = delete;
  const std::string& fill(const std::uint8_t* data, std::size_t size) {
    fuzz::require(
        ::ftruncate(descriptor_, 0) == 0 && ::pwrite(descriptor_, data, size, 0) == static_cast<ssize_t>(size),
        "there is room for a file");
    return path_;
  }

 private:
  std::string path_;
  int descriptor_ = -1;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static PluginFile file;
  const std::string& path = file.fill(data, size);
  fuzz::accepts([&] {
    registry::DescriptorHead head = registry::read_descriptor_head(path);
    if (fuzz::planted_bug) head.magic[0] = static_cast<char>(head.magic[0] + 1);
    const auto* found = ::memmem(data, size, &head, sizeof head);
    fuzz::require(found != nullptr, "a head stands in the file");
  });
  return 0;
}
