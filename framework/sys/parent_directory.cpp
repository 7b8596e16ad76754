#include "framework/sys/parent_directory.hpp"

#include <fcntl.h>

#include <cerrno>

#include "framework/sys/system_error.hpp"

namespace certctl::sys {

PathParts split_path(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  PathParts parts;
  parts.name = slash == std::string::npos ? path : path.substr(slash + 1);
  parts.parent = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  if (parts.name.empty() || parts.name == "." || parts.name == ".." || path.find('\0') != std::string::npos) {
    throw Failure::never("bad-path", "'" + path + "' does not end in the name of a file");
  }
  return parts;
}

FileDescriptor open_directory(const std::string& path, const std::string& what) {
  int number = -1;
  do {
    number = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  } while (number < 0 && errno == EINTR);
  if (number < 0) throw system_failure(what, errno);
  return FileDescriptor(number);
}

void sync_directory(int directory, const std::string& what) {
  if (::fsync(directory) != 0 && errno != EINVAL && errno != EROFS) throw system_failure(what, errno);
}

}  // namespace certctl::sys
