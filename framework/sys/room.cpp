#include "framework/sys/room.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>

#include "framework/sys/file_descriptor.hpp"
#include "framework/sys/system_error.hpp"

namespace certctl::sys {
namespace {

// Really writes, so that quotas and file systems that count late show up. False: the file system cannot make a file
// without a name.
bool write_nameless(const std::string& directory, std::size_t bytes, const std::string& what) {
  const FileDescriptor file(::open(directory.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600));
  if (!file.is_open()) {
    if (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL) return false;
    throw system_failure(what, errno);
  }
  const std::array<char, 4096> block{};
  for (std::size_t left = bytes; left > 0;) {
    const ssize_t written = ::write(file.get(), block.data(), std::min(left, block.size()));
    if (written < 0) {
      if (errno == EINTR) continue;
      throw system_failure(what, errno);
    }
    left -= static_cast<std::size_t>(written);
  }
  return true;
}

void ask(const std::string& directory, std::size_t bytes, const std::string& what) {
  if (::faccessat(AT_FDCWD, directory.c_str(), W_OK | X_OK, AT_EACCESS) != 0) throw system_failure(what, errno);
  struct statvfs space {};
  if (::statvfs(directory.c_str(), &space) != 0) throw system_failure(what, errno);
  const std::size_t block = space.f_frsize != 0 ? space.f_frsize : space.f_bsize;
  const auto available = static_cast<std::size_t>(::geteuid() == 0 ? space.f_bfree : space.f_bavail);
  if (block != 0 && available < bytes / block + 1) throw system_failure(what, ENOSPC);
}

}  // namespace

void require_room(const std::string& directory, std::size_t bytes) {
  struct stat status {};
  std::string place = directory;
  if (::stat(place.c_str(), &status) != 0) {
    if (errno != ENOENT) throw system_failure("cannot look at " + place, errno);
    place = std::filesystem::path(directory).parent_path().string();
    if (place.empty()) place = ".";
    if (::stat(place.c_str(), &status) != 0) throw system_failure("cannot make " + directory + " in " + place, errno);
  }
  const std::string what = "cannot write to " + place;
  if (!S_ISDIR(status.st_mode)) throw system_failure(what, ENOTDIR);
  if (!write_nameless(place, bytes, what)) ask(place, bytes, what);
}

}  // namespace certctl::sys
