#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <cerrno>
#include <memory>
#include <vector>

#include "framework/sys/atomic_file.hpp"
#include "framework/sys/directory_stream.hpp"
#include "framework/sys/file_descriptor.hpp"
#include "framework/sys/kept_mode.hpp"
#include "framework/sys/parent_directory.hpp"
#include "framework/sys/system_error.hpp"

namespace certctl::sys {
namespace {

constexpr int kDeepest = 256;  // of a tree that is removed; ours have five levels

std::vector<std::string> names_in(int directory, const std::string& what) {
  const int copy = ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (copy < 0) throw system_failure(what, errno);
  const std::unique_ptr<DIR, CloseDirectory> entries(::fdopendir(copy));
  if (!entries) {
    const int error = errno;
    ::close(copy);
    throw system_failure(what, error);
  }
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(entries.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
    errno = 0;
  }
  if (errno != 0) throw system_failure(what, errno);
  return names;
}

void remove_entry(int directory, const std::string& name, const std::string& what, int depth) {
  if (::unlinkat(directory, name.c_str(), 0) == 0 || errno == ENOENT) return;
  if (errno != EISDIR && errno != EPERM) throw system_failure(what, errno);
  const int unlink_error = errno;  // EPERM is what POSIX says for a directory; or it is no directory and protected
  const int inner = ::openat(directory, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (inner < 0) throw system_failure(what, errno == ENOTDIR || errno == ELOOP ? unlink_error : errno);
  const FileDescriptor opened(inner);
  if (depth >= kDeepest) throw Failure("system-error", what + ": directories are nested too deeply");
  for (const auto& entry : names_in(inner, what)) remove_entry(inner, entry, what, depth + 1);
  if (::unlinkat(directory, name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT) throw system_failure(what, errno);
}

FileDescriptor make_and_open(int parent, const std::string& name, const std::string& path, const std::string& what) {
  const bool made = ::mkdirat(parent, name.c_str(), 0700) == 0;
  if (!made && errno != EEXIST) throw system_failure(what, errno);
  // A directory on the way may be reached through a link (/var/run); the one that is asked for may not, which the
  // caller checks.
  const int opened = ::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | (made ? O_NOFOLLOW : 0));
  if (opened < 0 && (errno == ENOTDIR || errno == ELOOP)) {
    throw Failure::never("not-a-directory", what + ": " + path + " is not a directory", "move it out of the way");
  }
  if (opened < 0) throw system_failure(what, errno);
  FileDescriptor directory(opened);
  if (made) {
    if (::fchmod(opened, 0700) != 0) throw system_failure(what, errno);  // an inherited default list may widen it
    require_kept_mode(opened, 0700, what);
    sync_directory(parent, what);
  }
  return directory;
}

}  // namespace

void make_private_directory(const std::string& path) {
  const std::string what = "cannot make the directory " + path;
  FileDescriptor here = open_directory(path.starts_with('/') ? "/" : ".", what);
  FileDescriptor parent;
  std::string name;
  std::size_t at = 0;
  while (at < path.size()) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    if (end > at) {
      name = path.substr(at, end - at);
      parent = std::move(here);
      here = make_and_open(parent.get(), name, path.substr(0, end), what);
    }
    at = end + 1;
  }
  if (name.empty() || name == "." || name == "..") {
    throw Failure::never("bad-path", "'" + path + "' does not end in the name of a directory");
  }
  struct stat status {};
  if (::fstatat(parent.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) throw system_failure(what, errno);
  if (!S_ISDIR(status.st_mode)) {
    throw Failure::never("not-a-directory", what + ": it is a symbolic link", "put a directory there");
  }
  if (::fstat(here.get(), &status) != 0) throw system_failure(what, errno);
  if (status.st_uid != ::geteuid()) {
    throw Failure::never("unsafe-directory", path + " belongs to user " + std::to_string(status.st_uid),
                         "let it belong to the user who runs certctl, or name another directory");
  }
  if ((status.st_mode & 077U) != 0 && ::fchmod(here.get(), 0700) != 0) throw system_failure(what, errno);
  require_kept_mode(here.get(), 0700, what);
}

void fsync_directory(const std::string& path) {
  const std::string what = "cannot make the directory " + path + " durable";
  sync_directory(open_directory(path, what).get(), what);
}

void sync_filesystem(const std::string& path) {
  const std::string what = "cannot make the files in " + path + " durable";
  if (::syncfs(open_directory(path, what).get()) != 0) throw system_failure(what, errno);
}

void remove_tree(const std::string& path, bool durable) {
  const std::string what = "cannot remove " + path;
  std::string clean = path;
  while (clean.size() > 1 && clean.back() == '/') clean.pop_back();
  const PathParts parts = split_path(clean);
  FileDescriptor directory;
  try {
    directory = open_directory(parts.parent, what);
  } catch (const Failure& failure) {
    if (failure.error().code == "file-missing") return;
    throw;
  }
  remove_entry(directory.get(), parts.name, what, 0);
  if (durable) sync_directory(directory.get(), what);
}

bool is_volatile_filesystem(const std::string& path) {
  std::string there = path.empty() ? "." : path;
  struct statfs status {};
  while (::statfs(there.c_str(), &status) != 0) {
    if (errno == EINTR) continue;
    if (errno != ENOENT && errno != ENOTDIR) throw system_failure("cannot tell the file system of " + there, errno);
    const std::size_t slash = there.rfind('/');
    if (there == "/" || there == ".") throw system_failure("cannot tell the file system of " + path, errno);
    there = slash == std::string::npos ? "." : slash == 0 ? "/" : there.substr(0, slash);
  }
  const auto type = static_cast<unsigned long>(status.f_type);
  return type == TMPFS_MAGIC || type == RAMFS_MAGIC;
}

}  // namespace certctl::sys
