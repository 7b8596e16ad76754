#include "framework/registry/elf_file.hpp"

#include <certctl/result.hpp>

#include <fcntl.h>
#include <link.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <vector>

#define BOOST_DLL_USE_STD_FS
#include <boost/dll/library_info.hpp>

namespace certctl::registry {
namespace {

constexpr const char* kSection = "certctl_plugin";
constexpr std::uint64_t kLargestNames = 1024UL * 1024;
constexpr const char* kInstallAgain = "install the plugin again";

static_assert(offsetof(DescriptorHead, build) == offsetof(certctl_descriptor, build));
static_assert(sizeof(DescriptorHead) == offsetof(certctl_descriptor, name));

[[noreturn]] void no_plugin(const std::string& what, const char* hint = "") {
  throw Failure::never("plugin-malformed", what, hint);
}

class File {
 public:
  explicit File(const std::string& path)
      : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)) {
    struct stat status {};
    if (descriptor_ < 0 || ::fstat(descriptor_, &status) != 0) {
      const int problem = errno;
      if (descriptor_ >= 0) ::close(descriptor_);
      throw Failure::never("plugin-unloadable", std::string("it cannot be read: ") + std::strerror(problem));
    }
    size_ = static_cast<std::uint64_t>(status.st_size);
  }
  ~File() { ::close(descriptor_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  [[nodiscard]] bool has(std::uint64_t offset, std::uint64_t size) const noexcept {
    return offset <= size_ && size <= size_ - offset;
  }
  void read(std::uint64_t offset, void* into, std::size_t size) const {
    if (!has(offset, size)) no_plugin("it is cut off or damaged", kInstallAgain);
    auto* bytes = static_cast<char*>(into);
    while (size != 0) {
      const ssize_t got = ::pread(descriptor_, bytes, size, static_cast<off_t>(offset));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) throw Failure("plugin-unloadable", "it cannot be read");
      bytes += got;
      offset += static_cast<std::uint64_t>(got);
      size -= static_cast<std::size_t>(got);
    }
  }

 private:
  int descriptor_;
  std::uint64_t size_ = 0;
};

// A part that the file announces and does not have is a SIGBUS when it is touched.
void check_segments(const File& file, const ElfW(Ehdr) & header) {
  if (header.e_phentsize != sizeof(ElfW(Phdr))) no_plugin("it is cut off or damaged", kInstallAgain);
  std::vector<ElfW(Phdr)> segments(header.e_phnum);
  file.read(header.e_phoff, segments.data(), segments.size() * sizeof(ElfW(Phdr)));
  for (const ElfW(Phdr) & segment : segments)
    if (!file.has(segment.p_offset, segment.p_filesz)) no_plugin("it is cut off or damaged", kInstallAgain);
}

constexpr unsigned char kNativeClass = sizeof(void*) == 8 ? ELFCLASS64 : ELFCLASS32;

// The section's header. On the way everything that library_info reads without looking is found to be in order.
ElfW(Shdr) find_section(const File& file) {
  ElfW(Ehdr) header{};
  if (!file.has(0, sizeof(header))) no_plugin("it is not a shared object");
  file.read(0, &header, sizeof(header));
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) no_plugin("it is not a shared object");
  if (header.e_ident[EI_CLASS] != kNativeClass) no_plugin("it is built for another kind of machine");
  if (header.e_type != ET_DYN) no_plugin("it is not a shared object");
  if (header.e_shnum == 0 || header.e_shentsize != sizeof(ElfW(Shdr)) || header.e_shstrndx >= header.e_shnum ||
      header.e_shnum >= SHN_LORESERVE) {
    no_plugin("it has no table of sections", "strip it with strip(1), not more");
  }
  check_segments(file, header);
  std::vector<ElfW(Shdr)> sections(header.e_shnum);
  file.read(header.e_shoff, sections.data(), sections.size() * sizeof(sections[0]));
  const ElfW(Shdr)& names_at = sections[header.e_shstrndx];
  if (names_at.sh_size == 0 || names_at.sh_size > kLargestNames) no_plugin("it is cut off or damaged", kInstallAgain);
  std::vector<char> names(static_cast<std::size_t>(names_at.sh_size));
  file.read(names_at.sh_offset, names.data(), names.size());
  if (names.back() != '\0') no_plugin("it is cut off or damaged", kInstallAgain);
  for (const ElfW(Shdr) & section : sections)
    if (section.sh_name < names.size() && std::strcmp(&names[section.sh_name], kSection) == 0) return section;
  no_plugin("it has no section " + std::string(kSection), "it is a library, but no plugin of certctl");
}

bool boost_lists_section(const std::string& path) {
  try {
    boost::dll::library_info info{boost::dll::fs::path(path)};
    const std::vector<std::string> names = info.sections();
    return std::find(names.begin(), names.end(), kSection) != names.end();
  } catch (const std::exception&) {  // an iostream failure, whatever the cause
    return false;
  }
}

}  // namespace

DescriptorHead read_descriptor_head(const std::string& path) {
  const File file(path);
  const ElfW(Shdr) section = find_section(file);
  if (!boost_lists_section(path)) no_plugin("its sections cannot be listed", kInstallAgain);
  if (section.sh_type != SHT_PROGBITS || section.sh_size < sizeof(DescriptorHead)) {
    no_plugin("its descriptor is cut off or damaged", kInstallAgain);
  }
  DescriptorHead head{};
  file.read(section.sh_offset, &head, sizeof(head));
  return head;
}

}  // namespace certctl::registry
