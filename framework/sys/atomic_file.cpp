#include "framework/sys/atomic_file.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "framework/sys/file_descriptor.hpp"
#include "framework/sys/file_version.hpp"
#include "framework/sys/guarded_path.hpp"
#include "framework/sys/kept_mode.hpp"
#include "framework/sys/parent_directory.hpp"
#include "framework/sys/system_error.hpp"
#include "framework/sys/temporary_name.hpp"

namespace certctl::sys {
namespace {

constexpr int kAttempts = 100;  // names that somebody else could have taken
constexpr uid_t kAsCreated = static_cast<uid_t>(-1);

// A name in an open directory that goes again unless it was kept.
class Temporary {
 public:
  Temporary(int directory, const std::string& for_name, std::string what)
      : directory_(directory), for_name_(for_name), what_(std::move(what)) {}
  ~Temporary() {
    if (made_) ::unlinkat(directory_, name_.c_str(), 0);
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;

  [[nodiscard]] FileDescriptor make_file() {
    int number = -1;
    make([&](const char* name) {
      number = ::openat(directory_, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
      return number >= 0;
    });
    return FileDescriptor(number);
  }
  void make_link(const std::string& target) {
    make([&](const char* name) { return ::symlinkat(target.c_str(), directory_, name) == 0; });
  }
  // Takes the place of whatever has the name.
  void take_place() {
    if (::renameat(directory_, name_.c_str(), directory_, for_name_.c_str()) != 0) throw system_failure(what_, errno);
    made_ = false;
  }
  // False when the name is taken.
  [[nodiscard]] bool take_free_place() {
    if (::renameat2(directory_, name_.c_str(), directory_, for_name_.c_str(), RENAME_NOREPLACE) != 0) {
      if (errno == EEXIST) return false;
      if (errno != EINVAL && errno != ENOSYS) throw system_failure(what_, errno);
      // File systems that can't do it (NFS) have hard links; the temporary name goes with this object.
      if (::linkat(directory_, name_.c_str(), directory_, for_name_.c_str(), 0) == 0) return true;
      if (errno == EEXIST) return false;
      throw system_failure(what_, errno);
    }
    made_ = false;
    return true;
  }

 private:
  template <class Make>
  void make(Make&& make_named) {
    for (int i = 0; i < kAttempts; ++i) {
      name_ = temporary_name(for_name_);
      if (make_named(name_.c_str())) {
        made_ = true;
        return;
      }
      if (errno != EEXIST && errno != EINTR) throw system_failure(what_, errno);
    }
    throw system_failure(what_, EEXIST);
  }

  int directory_;
  const std::string& for_name_;
  std::string what_;
  std::string name_;
  bool made_ = false;
};

void write_all(int file, std::string_view content, const std::string& what) {
  while (!content.empty()) {
    const ssize_t written = ::write(file, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw system_failure(what, errno);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
}

// Labels and lists of access rights go with the file. What the file system can't keep, or only root may set, stays
// behind: the mode was set before, so nothing gets wider by that.
void copy_attributes(int from, int to) {
  std::vector<char> names(64 * 1024);
  const ssize_t length = ::flistxattr(from, names.data(), names.size());
  for (ssize_t at = 0; at < length;) {
    const char* name = names.data() + at;
    std::vector<char> value(64 * 1024);
    const ssize_t size = ::fgetxattr(from, name, value.data(), value.size());
    if (size >= 0) (void)::fsetxattr(to, name, value.data(), static_cast<std::size_t>(size), 0);
    at += static_cast<ssize_t>(std::string_view(name).size()) + 1;
  }
}

// Owner and mode before any content: the file is 0600 and ours until then.
void set_access(int file, int directory, const std::string& name, const WriteOptions& options,
                const std::string& what) {
  mode_t mode = options.mode;
  uid_t owner = options.owner;
  gid_t group = options.group;
  FileDescriptor old;
  if (options.like_existing) {
    struct stat status {};
    if (::fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode)) {
      mode = status.st_mode & 07777U;
      owner = status.st_uid;
      group = status.st_gid;
      old = FileDescriptor(::openat(directory, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    }
  }
  struct stat made {};
  if (::fstat(file, &made) != 0) throw system_failure(what, errno);
  const bool other_owner = owner != kAsCreated && owner != made.st_uid;
  const bool other_group = group != kAsCreated && group != made.st_gid;
  if ((other_owner || other_group) && ::fchown(file, owner, group) != 0) {
    const int error = errno;
    throw Failure::never(error == EPERM ? "permission-denied" : "system-error",
                         what + ": owner and group can't be set to " +
                             (other_owner ? std::to_string(owner) : std::to_string(made.st_uid)) + ":" +
                             (other_group ? std::to_string(group) : std::to_string(made.st_gid)),
                         "run as root, or let the file belong to the user who runs certctl");
  }
  if (::fchmod(file, mode) != 0) throw system_failure(what, errno);
  require_kept_mode(file, mode, what);
  if (old.is_open()) copy_attributes(old.get(), file);
}

void check_version(int directory, const std::string& name, const WriteOptions& options, const std::string& path) {
  if (!options.only_if) return;
  struct stat status {};
  const bool there = ::fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
  if (!there || !(version_of(status) == *options.only_if)) {
    throw Failure("changed-meanwhile", path + " was changed by somebody else meanwhile");
  }
}

void refuse_directory(int directory, const std::string& name, const std::string& what) {
  struct stat status {};
  if (::fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode)) {
    throw Failure::never("not-a-file", what + ": a directory has that name");
  }
}

void fill(int file, int directory, const std::string& name, std::string_view content, const WriteOptions& options,
          const std::string& what) {
  set_access(file, directory, name, options, what);
  write_all(file, content, what);
  // Never tried again on the same file: after a failed fsync the kernel may call lost pages clean.
  if (options.durable && ::fsync(file) != 0) throw system_failure(what, errno);
}

void replace_in(int directory, const std::string& name, std::string_view content, const WriteOptions& options,
                const std::string& path) {
  const std::string what = "cannot write " + path;
  refuse_directory(directory, name, what);
  Temporary temporary(directory, name, what);
  {
    const FileDescriptor file = temporary.make_file();
    fill(file.get(), directory, name, content, options, what);
  }
  check_version(directory, name, options, path);
  temporary.take_place();
  if (options.durable) sync_directory(directory, what);
}

}  // namespace

void replace_file(const std::string& path, std::string_view content, const WriteOptions& options) {
  const PathParts parts = split_path(path);
  const FileDescriptor directory = open_directory(parts.parent, "cannot write " + path);
  replace_in(directory.get(), parts.name, content, options, path);
}

void replace_file(const GuardedPath& path, std::string_view content, const WriteOptions& options) {
  replace_in(path.directory.get(), path.name, content, options, path.path);
}

void replace_file(const std::string& path, std::string_view content, mode_t mode) {
  WriteOptions options;
  options.mode = mode;
  replace_file(path, content, options);
}

bool create_file(const std::string& path, std::string_view content, const WriteOptions& options) {
  const std::string what = "cannot write " + path;
  const PathParts parts = split_path(path);
  const FileDescriptor directory = open_directory(parts.parent, what);
  {
    Temporary temporary(directory.get(), parts.name, what);
    const FileDescriptor file = temporary.make_file();
    fill(file.get(), directory.get(), parts.name, content, options, what);
    if (!temporary.take_free_place()) return false;
  }
  if (options.durable) sync_directory(directory.get(), what);
  return true;
}

void replace_link(const std::string& path, const std::string& target) {
  const std::string what = "cannot make the link " + path;
  const PathParts parts = split_path(path);
  const FileDescriptor directory = open_directory(parts.parent, what);
  refuse_directory(directory.get(), parts.name, what);
  Temporary temporary(directory.get(), parts.name, what);
  temporary.make_link(target);
  temporary.take_place();
  sync_directory(directory.get(), what);
}

void reserve_file(const std::string& path, std::size_t size) {
  const std::string what = "cannot reserve " + std::to_string(size) + " bytes in " + path;
  const PathParts parts = split_path(path);
  const FileDescriptor directory = open_directory(parts.parent, what);
  Temporary temporary(directory.get(), parts.name, what);
  const FileDescriptor file = temporary.make_file();
  int error = 0;
  do {
    error = ::posix_fallocate(file.get(), 0, static_cast<off_t>(size));
  } while (error == EINTR);
  if (error != 0) throw system_failure(what, error);
  if (::fsync(file.get()) != 0) throw system_failure(what, errno);
  temporary.take_place();
  sync_directory(directory.get(), what);
}

void rename_durably(const std::string& from, const std::string& to) {
  const std::string what = "cannot rename " + from + " to " + to;
  const PathParts old_parts = split_path(from);
  const PathParts new_parts = split_path(to);
  const FileDescriptor old_directory = open_directory(old_parts.parent, what);
  const FileDescriptor new_directory = open_directory(new_parts.parent, what);
  if (::renameat(old_directory.get(), old_parts.name.c_str(), new_directory.get(), new_parts.name.c_str()) != 0) {
    throw system_failure(what, errno);
  }
  // The new place first: after a power cut between the two it is there twice, not gone.
  sync_directory(new_directory.get(), what);
  sync_directory(old_directory.get(), what);
}

void remove_file(const std::string& path) {
  const PathParts parts = split_path(path);
  const std::string what = "cannot remove " + path;
  if (::unlink(path.c_str()) != 0 && errno != ENOENT && errno != ENOTDIR) throw system_failure(what, errno);
}

}  // namespace certctl::sys
