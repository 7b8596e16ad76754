#include "distributors/files/output/staged_file.hpp"

#include "framework/crypto/random.hpp"

#include <certctl/result.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <cerrno>
#include <cstdio>
#include <utility>
#include <vector>

#include "framework/sys/kept_mode.hpp"
#include "framework/sys/system_error.hpp"

namespace certctl::files {
namespace {

constexpr int kAttempts = 100;  // names that somebody else could have taken
constexpr uid_t kUnchanged = static_cast<uid_t>(-1);

// As sys names them, so that its remove_left_overs() finds what a crash left.
std::string temporary_name(const std::string& name) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::string random;
  for (const std::uint8_t octet : crypto::random_bytes(6)) random += kLetters[octet % kLetters.size()];
  return "." + name + ".certctl-" + random;
}

// Labels and lists of access rights go with the file. What cannot be kept stays behind.
void copy_attributes(int from, int to) {
  std::vector<char> names(64 * 1024);
  const ssize_t length = ::flistxattr(from, names.data(), names.size());
  std::vector<char> value(64 * 1024);
  for (ssize_t at = 0; at < length;) {
    const char* name = names.data() + at;
    const ssize_t size = ::fgetxattr(from, name, value.data(), value.size());
    if (size >= 0) (void)::fsetxattr(to, name, value.data(), static_cast<std::size_t>(size), 0);
    at += static_cast<ssize_t>(std::string_view(name).size()) + 1;
  }
}

}  // namespace

StagedFile::StagedFile(const Place& place, std::string_view content, const Access& access) : place_(&place) {
  const std::string what = "cannot write " + place.path();
  make();
  try {
    struct stat made {};
    if (::fstat(file_.get(), &made) != 0) throw sys::system_failure(what, errno);
    const uid_t owner = access.owner && *access.owner != made.st_uid ? *access.owner : kUnchanged;
    const gid_t group = access.group && *access.group != made.st_gid ? *access.group : kUnchanged;
    if ((owner != kUnchanged || group != kUnchanged) && ::fchown(file_.get(), owner, group) != 0) {
      if (errno != EPERM) throw sys::system_failure(what, errno);
      throw Failure::never("permission-denied", what + ": its owner and group cannot be set",
                           "run as root, or let the file belong to the user who runs certctl");
    }
    if (::fchmod(file_.get(), access.mode) != 0) throw sys::system_failure(what, errno);
    sys::require_kept_mode(file_.get(), access.mode, what);
    const sys::FileDescriptor old(
        ::openat(place.descriptor(), place.name().c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (old.is_open()) copy_attributes(old.get(), file_.get());
    while (!content.empty()) {
      const ssize_t written = ::write(file_.get(), content.data(), content.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) throw sys::system_failure(what, errno);
      content.remove_prefix(static_cast<std::size_t>(written));
    }
    // Never tried again on the same file: after a failed fsync the kernel may call lost pages clean.
    if (::fsync(file_.get()) != 0) throw sys::system_failure(what, errno);
    file_.close();
  } catch (...) {
    ::unlinkat(place.descriptor(), temporary_.c_str(), 0);
    throw;
  }
}

StagedFile::StagedFile(StagedFile&& other) noexcept
    : place_(other.place_), temporary_(std::exchange(other.temporary_, {})), file_(std::move(other.file_)) {}

StagedFile::~StagedFile() {
  if (!temporary_.empty()) ::unlinkat(place_->descriptor(), temporary_.c_str(), 0);
}

void StagedFile::make() {
  for (int i = 0; i < kAttempts; ++i) {
    temporary_ = temporary_name(place_->name());
    file_ = sys::FileDescriptor(
        ::openat(place_->descriptor(), temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (file_.is_open()) return;
    if (errno != EEXIST && errno != EINTR) break;
  }
  const int error = errno;
  temporary_.clear();
  throw sys::system_failure("cannot write " + place_->path(), error);
}

void StagedFile::take_place() {
  if (::renameat(place_->descriptor(), temporary_.c_str(), place_->descriptor(), place_->name().c_str()) != 0) {
    throw sys::system_failure("cannot write " + place_->path(), errno);
  }
  temporary_.clear();
}

}  // namespace certctl::files
