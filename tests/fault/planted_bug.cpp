// A library for LD_PRELOAD that puts a bug below a good program, so that a campaign can show that it would find it.
// CERTCTL_PLANTED_BUG says which:
//   two-step-rename   what is in the way is removed before the rename
//   wide-create       files are made readable by all, and narrowed a moment later
//   swallowed-errors  write and fsync say that all went well, whatever happened
//   no-lock           flock always succeeds
//   no-sync           fsync does nothing
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdlib>
#include <cstring>

namespace {

bool planted(const char* bug) {
  const char* value = std::getenv("CERTCTL_PLANTED_BUG");
  return value != nullptr && std::strcmp(value, bug) == 0;
}

}  // namespace

#define PLANTED extern "C" __attribute__((visibility("default")))

PLANTED int renameat(int old_directory, const char* from, int new_directory, const char* to) {
  if (planted("two-step-rename")) syscall(SYS_unlinkat, new_directory, to, 0);
  return static_cast<int>(syscall(SYS_renameat, old_directory, from, new_directory, to));
}

PLANTED int openat(int directory, const char* path, int flags, ...) {
  mode_t mode = 0;
  if ((flags & O_CREAT) != 0) {
    va_list more;
    va_start(more, flags);
    mode = va_arg(more, mode_t);
    va_end(more);
    if (planted("wide-create")) mode |= 0044;
  }
  const int file = static_cast<int>(syscall(SYS_openat, directory, path, flags, mode));
  if (file >= 0 && (flags & O_CREAT) != 0 && planted("wide-create")) {
    syscall(SYS_fchmod, file, mode);
    usleep(5000);
  }
  return file;
}

PLANTED ssize_t write(int file, const void* bytes, size_t length) {
  const auto written = static_cast<ssize_t>(syscall(SYS_write, file, bytes, length));
  return written < 0 && planted("swallowed-errors") ? static_cast<ssize_t>(length) : written;
}

PLANTED int fsync(int file) {
  if (planted("no-sync")) return 0;
  const int result = static_cast<int>(syscall(SYS_fsync, file));
  return planted("swallowed-errors") ? 0 : result;
}

PLANTED int flock(int file, int operation) noexcept {
  if (planted("no-lock")) return 0;
  return static_cast<int>(syscall(SYS_flock, file, operation));
}
