#include <certctl/types.hpp>

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "framework/sys/atomic_file.hpp"
#include "framework/sys/file_descriptor.hpp"
#include "framework/sys/file_version.hpp"
#include "framework/sys/guarded_path.hpp"
#include "framework/sys/system_error.hpp"

namespace certctl::sys {

FileVersion version_of(const struct stat& status) noexcept {
  constexpr std::int64_t kBillion = 1'000'000'000;
  return {status.st_dev, status.st_ino, status.st_size, status.st_mtim.tv_sec * kBillion + status.st_mtim.tv_nsec,
          status.st_ctim.tv_sec * kBillion + status.st_ctim.tv_nsec};
}

namespace {

// `name`: in the directory, or a path where that is AT_FDCWD. `path`: for messages.
std::string read_at(int directory, const std::string& name, const std::string& path, std::size_t limit, Links links,
                    FileVersion* version) {
  const std::string what = "cannot read " + path;
  // O_NONBLOCK: opening a FIFO must not wait for its writer. On a regular file it means nothing.
  const int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (links == Links::refuse ? O_NOFOLLOW : 0);
  int number = -1;
  do {
    number = ::openat(directory, name.c_str(), flags);
  } while (number < 0 && errno == EINTR);
  // ENXIO: a socket, or a device without a driver
  if (number < 0 && errno == ENXIO) throw Failure::never("not-a-file", what + ": it is not a regular file");
  if (number < 0) throw system_failure(what, errno);
  const FileDescriptor file(number);

  struct stat status {};
  if (::fstat(number, &status) != 0) throw system_failure(what, errno);
  if (!S_ISREG(status.st_mode)) throw Failure::never("not-a-file", what + ": it is not a regular file");
  if (version != nullptr) *version = version_of(status);

  std::string content;
  // One buffer of the right size: growing would leave copies of secrets in freed memory.
  if (status.st_size > 0) content.reserve(std::min(limit, static_cast<std::size_t>(status.st_size)) + 1);
  std::array<char, 16384> buffer;
  bool too_large = false;
  int error = 0;
  for (;;) {
    const ssize_t got = ::read(number, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) error = errno;
    if (got <= 0) break;
    if (content.size() + static_cast<std::size_t>(got) > limit) {
      too_large = true;
      break;
    }
    content.append(buffer.data(), static_cast<std::size_t>(got));
  }
  wipe(buffer.data(), std::min(buffer.size(), content.size() + 1));
  if (error != 0) throw system_failure(what, error);
  if (too_large)
    throw Failure::never("too-large", what + ": it is longer than " + std::to_string(limit) + " bytes",
                         "see whether it is the right file");
  return content;
}

}  // namespace

std::string read_file(const std::string& path, std::size_t limit, Links links, FileVersion* version) {
  return read_at(AT_FDCWD, path, path, limit, links, version);
}

std::string read_file(const GuardedPath& path, std::size_t limit, FileVersion* version) {
  return read_at(path.directory.get(), path.name, path.path, limit, Links::refuse, version);
}

std::optional<std::string> read_file_if_exists(const std::string& path, std::size_t limit, Links links,
                                               FileVersion* version) {
  try {
    return read_file(path, limit, links, version);
  } catch (const Failure& failure) {
    if (failure.error().code == "file-missing") return std::nullopt;
    throw;
  }
}

}  // namespace certctl::sys
