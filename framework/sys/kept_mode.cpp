#include "framework/sys/kept_mode.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "framework/sys/file_descriptor.hpp"
#include "framework/sys/system_error.hpp"

namespace certctl::sys {
namespace {

constexpr const char* kOtherPlace =
    "use a file system that keeps modes and links: ext4, xfs, btrfs, f2fs, ubifs, jffs2";

// A name that goes again, and that a run which was killed here leaves at most once.
class Probe {
 public:
  Probe(int directory, std::string name) : directory_(directory), name_(std::move(name)) { remove(); }
  ~Probe() { remove(); }
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;
  [[nodiscard]] const char* name() const { return name_.c_str(); }

 private:
  void remove() const { ::unlinkat(directory_, name_.c_str(), 0); }

  int directory_;
  std::string name_;
};

}  // namespace

void require_kept_mode(int descriptor, mode_t mode, const std::string& what) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) throw system_failure(what, errno);
  constexpr mode_t kReadWrite = 066;  // of group and others; to execute a file tells nothing and changes nothing
  if ((status.st_mode & kReadWrite & ~mode) == 0) return;
  throw Failure::never("modes-not-kept", what + ": its file system keeps no modes, so others could read or change it",
                       kOtherPlace);
}

void require_modes_and_links(const std::string& directory) {
  std::string place = directory;
  FileDescriptor opened(::open(place.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.is_open() && errno == ENOENT) {
    place = std::filesystem::path(directory).parent_path().string();
    if (place.empty()) place = ".";
    opened = FileDescriptor(::open(place.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  const std::string what = "cannot keep a store in " + place;
  if (!opened.is_open()) throw system_failure(what, errno);
  // Whatever can make a file without a name is of Linux's own kind, and has the others, too.
  if (FileDescriptor(::openat(opened.get(), ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600)).is_open()) return;
  const std::string name = ".certctl-probe-" + std::filesystem::path(directory).filename().string();
  {
    const Probe probe(opened.get(), name);
    const FileDescriptor file(
        ::openat(opened.get(), probe.name(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file.is_open()) throw system_failure(what, errno);
    if (::fchmod(file.get(), 0600) != 0) throw system_failure(what, errno);
    require_kept_mode(file.get(), 0600, what);
  }
  const Probe probe(opened.get(), name);
  if (::symlinkat("probe", opened.get(), probe.name()) == 0) return;
  if (errno != ENOSYS && errno != EPERM && errno != EOPNOTSUPP) throw system_failure(what, errno);
  throw Failure::never("no-links", what + ": its file system has no symbolic links", kOtherPlace);
}

}  // namespace certctl::sys
