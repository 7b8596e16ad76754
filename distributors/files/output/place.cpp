#include "distributors/files/output/place.hpp"

#include <certctl/result.hpp>

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include <cerrno>
#include <deque>

#include "framework/sys/system_error.hpp"

namespace certctl::files {
namespace {

constexpr int kMaxLinks = 40;

std::deque<std::string> split(const std::string& path) {
  std::deque<std::string> parts;
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    if (end > at) parts.push_back(path.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

std::string joined(const std::deque<std::string>& parts) {
  std::string path;
  for (const auto& part : parts) path += "/" + part;
  return path.empty() ? "/" : path;
}

struct stat status_of(int directory, const std::string& name, const std::string& path) {
  struct stat status {};
  if (::fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) != 0) {
    throw sys::system_failure("cannot look at " + path, errno);
  }
  return status;
}

sys::FileDescriptor open_directory(int parent, const std::string& name, const std::string& path) {
  sys::FileDescriptor opened(::openat(parent, name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (opened.is_open()) return opened;
  if (errno == ENOENT || errno == ENOTDIR) {
    throw Failure::never("directory-missing", "there is no directory " + path, "make it, or correct the path");
  }
  throw sys::system_failure("cannot open " + path, errno);
}

std::string target_of(int directory, const std::string& name, const struct stat& status, const std::string& path) {
  if (status.st_uid != 0 && status.st_uid != ::geteuid()) {
    throw Failure::never("unsafe-path", path + " is a link of another user (" + std::to_string(status.st_uid) + ")",
                         "name the file itself, or let the link belong to root");
  }
  std::string target(PATH_MAX, '\0');
  const ssize_t length = ::readlinkat(directory, name.c_str(), target.data(), target.size());
  if (length < 0) throw sys::system_failure("cannot read the link " + path, errno);
  target.resize(static_cast<std::size_t>(length));
  return target;
}

}  // namespace

Place Place::find(const std::string& path) {
  if (!path.starts_with('/') || path.ends_with('/') || path.find('\0') != std::string::npos) {
    throw Failure::never("bad-path", "'" + path + "' is no absolute path of a file");
  }
  std::deque<std::string> rest = split(path);
  std::deque<std::string> walked;
  std::vector<sys::FileDescriptor> above;  // the directories of `walked`, from the root
  above.push_back(open_directory(AT_FDCWD, "/", "/"));
  int links = 0;
  Place place;
  while (!rest.empty()) {
    const std::string part = rest.front();
    rest.pop_front();
    if (part == ".") continue;
    if (part == "..") {
      if (!walked.empty()) {
        walked.pop_back();
        above.pop_back();
      }
      continue;
    }
    const int directory = above.back().get();
    walked.push_back(part);
    const std::string here = joined(walked);
    struct stat status {};
    if (::fstatat(directory, part.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno != ENOENT) throw sys::system_failure("cannot look at " + here, errno);
      if (!rest.empty()) {
        throw Failure::never("directory-missing", "there is no directory " + here, "make it, or correct the path");
      }
    } else if (S_ISLNK(status.st_mode)) {
      if (++links > kMaxLinks) throw Failure::never("unsafe-path", path + " leads through too many links");
      const std::string target = target_of(directory, part, status, here);
      walked.pop_back();
      if (target.starts_with('/')) {
        walked.clear();
        above.resize(1);
      }
      std::deque<std::string> inserted = split(target);
      rest.insert(rest.begin(), inserted.begin(), inserted.end());
      continue;
    } else if (rest.empty() && !S_ISREG(status.st_mode)) {
      throw Failure::never("not-a-file", here + " is no regular file", "move it away, or correct the path");
    }
    if (rest.empty()) {
      place.name_ = part;
      place.path_ = here;
      break;
    }
    above.push_back(open_directory(directory, part, here));
  }
  if (place.name_.empty()) throw Failure::never("not-a-file", path + " is a directory", "correct the path");
  walked.pop_back();
  place.directory_path_ = joined(walked);
  // Again for reading: a directory can be fsynced only then.
  place.directory_ =
      sys::FileDescriptor(::openat(above.back().get(), ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!place.directory_.is_open()) throw sys::system_failure("cannot open " + place.directory_path_, errno);
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
