// A library for LD_PRELOAD that makes a directory, and all below it, a file system of another kind: as FAT and exFAT
// are.
//   CERTCTL_ODD_DIRECTORY=PATH   which
//   CERTCTL_ODD=modes            every file and directory is made for everybody, and chmod says yes and does nothing
//   CERTCTL_ODD=links            symbolic and hard links are refused
//   CERTCTL_ODD=both             both
//   CERTCTL_PLANTED_BUG=believes-modes   whoever asks for the mode is told what he wished, so that nothing is noticed
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#define EXPORTED extern "C" __attribute__((visibility("default")))

namespace {

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

bool is(const char* variable, std::string_view value) {
  const char* text = std::getenv(variable);
  return text != nullptr && (value == text || std::string_view(text) == "both");
}

bool lies() {
  return is("CERTCTL_PLANTED_BUG", "believes-modes");
}

bool below_it(std::string_view path) {
  const char* text = std::getenv("CERTCTL_ODD_DIRECTORY");
  if (text == nullptr) return false;
  const std::string_view odd(text);
  return path.starts_with(odd) && (path.size() == odd.size() || path[odd.size()] == '/');
}

std::string path_of(int descriptor) {
  std::string text(4096, '\0');
  const ssize_t length = ::readlink(("/proc/self/fd/" + std::to_string(descriptor)).c_str(), text.data(), text.size());
  text.resize(length < 0 ? 0 : static_cast<std::size_t>(length));
  return text;
}

bool is_odd(int directory, const char* path) {
  if (path[0] == '/') return below_it(path);
  return below_it(directory == AT_FDCWD ? std::string() : path_of(directory));
}

int real_fchmod(int descriptor, mode_t mode) {
  static auto* real = next<int(int, mode_t)>("fchmod");
  return real(descriptor, mode);
}

int opened(int directory, const char* path, int flags, int descriptor) {
  if (descriptor < 0 || (flags & O_CREAT) == 0 || !is("CERTCTL_ODD", "modes") || !is_odd(directory, path))
    return descriptor;
  (void)real_fchmod(descriptor, 0777);
  return descriptor;
}

bool refuses_nameless(int directory, const char* path, int flags) {
  return (flags & O_TMPFILE) == O_TMPFILE && is_odd(directory, path);
}

mode_t mode_from(int flags, va_list list) {
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? static_cast<mode_t>(va_arg(list, unsigned)) : 0;
}

int open_at(int directory, const char* path, int flags, mode_t mode) {
  static auto* real = next<int(int, const char*, int, ...)>("openat");
  if (refuses_nameless(directory, path, flags)) {
    errno = EOPNOTSUPP;
    return -1;
  }
  return opened(directory, path, flags, real(directory, path, flags, mode));
}

int refused_link(int directory, const char* path, int result) {
  if (!is("CERTCTL_ODD", "links") || !is_odd(directory, path)) return result;
  errno = EPERM;
  return -1;
}

}  // namespace

EXPORTED int openat(int directory, const char* path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  const mode_t mode = mode_from(flags, list);
  va_end(list);
  return open_at(directory, path, flags, mode);
}
EXPORTED int openat64(int directory, const char* path, int flags, ...) __attribute__((alias("openat")));
EXPORTED int open(const char* path, int flags, ...) {
  va_list list;
  va_start(list, flags);
  const mode_t mode = mode_from(flags, list);
  va_end(list);
  return open_at(AT_FDCWD, path, flags, mode);
}
EXPORTED int open64(const char* path, int flags, ...) __attribute__((alias("open")));
EXPORTED int mkdirat(int directory, const char* path, mode_t mode) {
  static auto* real = next<int(int, const char*, mode_t)>("mkdirat");
  static auto* change = next<int(int, const char*, mode_t, int)>("fchmodat");
  const int result = real(directory, path, mode);
  if (result == 0 && is("CERTCTL_ODD", "modes") && is_odd(directory, path)) (void)change(directory, path, 0777, 0);
  return result;
}
EXPORTED int fchmod(int descriptor, mode_t mode) {
  if (is("CERTCTL_ODD", "modes") && below_it(path_of(descriptor))) return 0;
  return real_fchmod(descriptor, mode);
}
EXPORTED int fstat(int descriptor, struct stat* status) {
  static auto* real = next<int(int, struct stat*)>("fstat");
  const int result = real(descriptor, status);
  if (result == 0 && lies() && below_it(path_of(descriptor))) status->st_mode &= ~077U;
  return result;
}
EXPORTED int symlinkat(const char* target, int directory, const char* path) {
  static auto* real = next<int(const char*, int, const char*)>("symlinkat");
  const int refused = refused_link(directory, path, 0);
  return refused != 0 ? refused : real(target, directory, path);
}
EXPORTED int linkat(int from, const char* old, int directory, const char* path, int flags) {
  static auto* real = next<int(int, const char*, int, const char*, int)>("linkat");
  const int refused = refused_link(directory, path, 0);
  return refused != 0 ? refused : real(from, old, directory, path, flags);
}
