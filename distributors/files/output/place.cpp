#include "distributors/files/output/place.hpp"

#include <certctl/result.hpp>

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "framework/sys/guarded_path.hpp"
#include "framework/sys/system_error.hpp"

namespace certctl::files {
namespace {

struct stat status_of(int directory, const std::string& name, const std::string& path) {
  struct stat status {};
  if (::fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) != 0) {
    throw sys::system_failure("cannot look at " + path, errno);
  }
  return status;
}

}  // namespace

Place Place::find(const std::string& path) {
  sys::GuardedPath found = sys::find_guarded(path);
  Place place;
  place.directory_ = std::move(found.directory);
  place.directory_path_ = std::move(found.directory_path);
  place.name_ = std::move(found.name);
  place.path_ = std::move(found.path);
  const struct stat status = status_of(place.directory_.get(), "", place.directory_path_);
  if ((status.st_mode & S_IWOTH) != 0 && (status.st_mode & S_ISVTX) == 0) {
    throw Failure::never("unsafe-directory", "everybody may replace files in " + place.directory_path_,
                         "take the right to write there from others");
  }
  place.directory_owner_ = status.st_uid;
  place.shared_ = (status.st_mode & (S_IWGRP | S_IWOTH)) != 0;
  return place;
}

std::optional<Existing> Place::read() const {
  const sys::FileDescriptor file(
      ::openat(directory_.get(), name_.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file.is_open() && errno == ENOENT) return std::nullopt;
  if (!file.is_open() && errno != ELOOP && errno != ENXIO) throw sys::system_failure("cannot read " + path_, errno);
  struct stat status {};
  if (!file.is_open() || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    throw Failure::never("not-a-file", path_ + " is no regular file", "move it away, or correct the path");
  }
  if (static_cast<std::size_t>(status.st_size) > kMaxFileBytes) {
    throw Failure::never("too-large", path_ + " is too large to be a key or a certificate", "correct the path");
  }
  Existing existing;
  existing.mode = status.st_mode & 07777U;
  existing.owner = status.st_uid;
  existing.group = status.st_gid;
  std::string content(kMaxFileBytes + 1, '\0');
  std::size_t filled = 0;
  while (filled < content.size()) {
    const ssize_t got = ::read(file.get(), content.data() + filled, content.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw sys::system_failure("cannot read " + path_, errno);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  if (filled > kMaxFileBytes) throw Failure("too-large", path_ + " grows while it is read");
  existing.content = Secret(content.substr(0, filled));
  wipe(content.data(), content.size());
  return existing;
}

void Place::remove() const {
  if (::unlinkat(directory_.get(), name_.c_str(), 0) != 0 && errno != ENOENT) {
    throw sys::system_failure("cannot remove " + path_, errno);
  }
}

void Place::sync() const {
  if (::fsync(directory_.get()) != 0 && errno != EINVAL && errno != EROFS) {
    throw sys::system_failure("cannot write " + directory_path_, errno);
  }
}

}  // namespace certctl::files
