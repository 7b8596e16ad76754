#include "plugins/stores/scepclient/directory.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <system_error>
#include <utility>

#include "framework/sys/kept_mode.hpp"

namespace certctl::scepclient {
namespace {

std::string words_for(int error) {
  return std::generic_category().message(error);
}

// Closes a descriptor at the end of a scope.
class Closing {
 public:
  explicit Closing(int descriptor) : descriptor_(descriptor) {}
  ~Closing() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Closing(const Closing&) = delete;
  Closing& operator=(const Closing&) = delete;
  [[nodiscard]] int get() const noexcept { return descriptor_; }

 private:
  int descriptor_;
};

int write_all(int descriptor, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor, content.data(), content.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

// rename() that does not replace, also where the file system cannot do that in one call.
int rename_if_free(int directory, const char* from, const char* to) {
  if (::renameat2(directory, from, directory, to, RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
  if (::linkat(directory, from, directory, to, 0) == 0) return ::unlinkat(directory, from, 0) == 0 ? 0 : errno;
  if (errno != EPERM && errno != EOPNOTSUPP) return errno;
  struct stat status {};  // a directory, or no hard links: the store's lock makes this safe enough
  if (::fstatat(directory, to, &status, AT_SYMLINK_NOFOLLOW) == 0) return EEXIST;
  return ::renameat(directory, from, directory, to) == 0 ? 0 : errno;
}

}  // namespace

void fail(const std::string& what, int error) {
  const std::string message = what + ": " + words_for(error);
  if (error == ENOSPC || error == EDQUOT) throw Failure("store-full", message, "free some space; nothing was lost");
  if (error == EROFS)
    throw Failure("store-unwritable", message, "make the file system writable, or set another path for the store");
  if (error == EACCES || error == EPERM)
    throw Failure("store-unwritable", message, "run certctl as the owner of the store (usually root)");
  throw Failure("store-failed", message);
}

Directory::~Directory() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Directory::Directory(Directory&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}

Directory& Directory::operator=(Directory&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(path_, other.path_);
  return *this;
}

std::optional<Directory> Directory::open(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor >= 0) return Directory(descriptor, path);
  if (errno == ENOENT) return std::nullopt;
  if (errno == ENOTDIR) throw Failure::never("store-failed", "store " + path + ": is not a directory");
  fail("store " + path + ": cannot be opened", errno);
}

std::optional<Directory> Directory::subdirectory(const std::string& name) const {
  const int descriptor = ::openat(descriptor_, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (descriptor >= 0) return Directory(descriptor, path_ + "/" + name);
  if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP) return std::nullopt;
  fail(path_ + "/" + name + ": cannot be opened", errno);
}

mode_t Directory::mode() const {
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) fail(path_ + ": cannot be examined", errno);
  return status.st_mode & 07777U;
}

mode_t Directory::mode(const std::string& name) const {
  struct stat status {};
  if (::fstatat(descriptor_, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return 0;
  return status.st_mode & 07777U;
}

EntryKind Directory::kind(const std::string& name) const {
  struct stat status {};
  if (::fstatat(descriptor_, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return EntryKind::absent;
    fail(path_ + "/" + name + ": cannot be examined", errno);
  }
  if (S_ISREG(status.st_mode)) return EntryKind::file;
  if (S_ISLNK(status.st_mode)) return EntryKind::link;
  return S_ISDIR(status.st_mode) ? EntryKind::directory : EntryKind::other;
}

std::optional<std::string> Directory::link_target(const std::string& name) const {
  std::array<char, 4096> target;
  const ssize_t length = ::readlinkat(descriptor_, name.c_str(), target.data(), target.size());
  if (length < 0) {
    if (errno == EINVAL || errno == ENOENT) return std::nullopt;
    fail(path_ + "/" + name + ": cannot be read", errno);
  }
  return std::string(target.data(), static_cast<std::size_t>(length));
}

FileText Directory::read(const std::string& name) const {
  FileText result;
  // O_NONBLOCK: opening a FIFO that someone put here must not wait.
  const Closing file(::openat(descriptor_, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) {
    result.problem = errno == ENOENT  ? "is missing"
                     : errno == ELOOP ? "is a link, not a file"
                                      : "cannot be read: " + words_for(errno);
    return result;
  }
  if (!S_ISREG(status.st_mode)) {
    result.problem = "is not a regular file";
    return result;
  }
  if (status.st_size == 0) {
    result.problem = "is empty";
    return result;
  }
  if (static_cast<std::size_t>(status.st_size) > kMaxFile) {
    result.problem = "is larger than 1 MiB";
    return result;
  }
  result.text.resize(static_cast<std::size_t>(status.st_size));
  std::size_t have = 0;
  while (have < result.text.size()) {
    const ssize_t got = ::read(file.get(), result.text.data() + have, result.text.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      result.problem = "cannot be read: " + words_for(errno);
      wipe(result.text.data(), result.text.size());
      result.text.clear();
      return result;
    }
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  result.text.resize(have);
  result.readable = true;
  return result;
}

std::vector<std::string> Directory::names() const {
  // A descriptor of its own: reading a directory moves the offset.
  const int copy = ::openat(descriptor_, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (copy < 0) fail(path_ + ": cannot be listed", errno);
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(copy), ::closedir);
  if (!stream) {
    const int error = errno;
    ::close(copy);
    fail(path_ + ": cannot be listed", error);
  }
  std::vector<std::string> result;
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(stream.get());
    if (entry == nullptr) {
      if (errno != 0) fail(path_ + ": cannot be listed", errno);
      break;
    }
    const std::string name = entry->d_name;
    if (name != "." && name != "..") result.push_back(name);
  }
  std::sort(result.begin(), result.end());
  return result;
}

void Directory::abandon(const std::string& what, int error) const {
  ::unlinkat(descriptor_, kTemporary, 0);
  fail(what, error);
}

void Directory::write_temporary(std::string_view content, const FileAccess& access) const {
  const std::string what = path_ + "/" + kTemporary + ": cannot be written";
  if (::unlinkat(descriptor_, kTemporary, 0) != 0 && errno != ENOENT) fail(what, errno);
  // 0600 at most until owner and final mode are set, and those before the content.
  const Closing file(
      ::openat(descriptor_, kTemporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, access.mode & 0600U));
  if (file.get() < 0) fail(what, errno);
  if ((access.owner != static_cast<uid_t>(-1) || access.group != static_cast<gid_t>(-1)) &&
      ::fchown(file.get(), access.owner, access.group) != 0)
    abandon(what, errno);
  if (::fchmod(file.get(), access.mode) != 0) abandon(what, errno);
  try {
    sys::require_kept_mode(file.get(), access.mode, path_);
  } catch (const Failure& failure) {
    ::unlinkat(descriptor_, kTemporary, 0);
    throw Failure("store-unwritable", failure.error().message, failure.error().hint);
  }
  if (const int error = write_all(file.get(), content); error != 0) abandon(what, error);
  if (::fsync(file.get()) != 0) abandon(what, errno);
}

bool Directory::create(const std::string& name, std::string_view content, const FileAccess& access) const {
  write_temporary(content, access);
  const int error = rename_if_free(descriptor_, kTemporary, name.c_str());
  if (error == EEXIST) {
    remove(kTemporary);
    return false;
  }
  if (error != 0) abandon(path_ + "/" + name + ": cannot be created", error);
  return true;
}

void Directory::replace(const std::string& name, std::string_view content, const FileAccess& access) const {
  write_temporary(content, access);
  if (::renameat(descriptor_, kTemporary, descriptor_, name.c_str()) != 0)
    abandon(path_ + "/" + name + ": cannot be replaced", errno);
}

void Directory::replace_with_link(const std::string& name, const std::string& target) const {
  const std::string what = path_ + "/" + name + ": cannot be switched";
  if (::unlinkat(descriptor_, kTemporary, 0) != 0 && errno != ENOENT) fail(what, errno);
  if (::symlinkat(target.c_str(), descriptor_, kTemporary) != 0) fail(what, errno);
  if (::renameat(descriptor_, kTemporary, descriptor_, name.c_str()) != 0) abandon(what, errno);
}

void Directory::link(const std::string& name, const std::string& target) const {
  if (::symlinkat(target.c_str(), descriptor_, name.c_str()) != 0) fail(path_ + "/" + name + ": cannot be made", errno);
}

void Directory::make_directory(const std::string& name) const {
  const std::string what = path_ + "/" + name + ": cannot be made";
  if (::mkdirat(descriptor_, name.c_str(), 0755) != 0) fail(what, errno);
  const Closing made(::openat(descriptor_, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (made.get() < 0 || ::fchmod(made.get(), 0755) != 0) fail(what, errno);
}

void Directory::rename(const std::string& from, const std::string& to) const {
  const int error = rename_if_free(descriptor_, from.c_str(), to.c_str());
  if (error != 0) fail(path_ + "/" + to + ": cannot be made", error);
}

void Directory::remove(const std::string& name) const {
  if (::unlinkat(descriptor_, name.c_str(), 0) != 0 && errno != ENOENT)
    fail(path_ + "/" + name + ": cannot be removed", errno);
}

void Directory::remove_directory(const std::string& name) const {
  if (const auto inner = subdirectory(name)) {
    for (const std::string& entry : inner->names()) inner->remove(entry);
    if (::unlinkat(descriptor_, name.c_str(), AT_REMOVEDIR) != 0)
      fail(path_ + "/" + name + ": cannot be removed", errno);
  } else {
    remove(name);
  }
}

void Directory::sync() const {
  if (::fsync(descriptor_) != 0) fail(path_ + ": cannot be made durable", errno);
}

}  // namespace certctl::scepclient
