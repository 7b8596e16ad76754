#include "framework/sys/guarded_path.hpp"

#include <certctl/result.hpp>

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <vector>

#include "framework/sys/system_error.hpp"

namespace certctl::sys {
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

FileDescriptor open_directory(int parent, const std::string& name, const std::string& path) {
  FileDescriptor opened(::openat(parent, name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (opened.is_open()) return opened;
  if (errno == ENOENT || errno == ENOTDIR) {
    throw Failure::never("directory-missing", "there is no directory " + path, "make it, or correct the path");
  }
  throw system_failure("cannot open " + path, errno);
}

std::string target_of(int directory, const std::string& name, const struct stat& status, const std::string& path) {
  if (status.st_uid != 0 && status.st_uid != ::geteuid()) {
    throw Failure::never("unsafe-path", path + " is a link of another user (" + std::to_string(status.st_uid) + ")",
                         "name the file itself, or let the link belong to root");
  }
  std::string target(PATH_MAX, '\0');
  const ssize_t length = ::readlinkat(directory, name.c_str(), target.data(), target.size());
  if (length < 0) throw system_failure("cannot read the link " + path, errno);
  target.resize(static_cast<std::size_t>(length));
  return target;
}

}  // namespace

GuardedPath find_guarded(const std::string& path) {
  if (!path.starts_with('/') || path.ends_with('/') || path.find('\0') != std::string::npos) {
    throw Failure::never("bad-path", "'" + path + "' is no absolute path of a file");
  }
  std::deque<std::string> rest = split(path);
  std::deque<std::string> walked;
  std::vector<FileDescriptor> above;  // the directories of `walked`, from the root
  above.push_back(open_directory(AT_FDCWD, "/", "/"));
  int links = 0;
  GuardedPath place;
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
      if (errno != ENOENT) throw system_failure("cannot look at " + here, errno);
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
      place.name = part;
      place.path = here;
      break;
    }
    above.push_back(open_directory(directory, part, here));
  }
  if (place.name.empty()) throw Failure::never("not-a-file", path + " is a directory", "correct the path");
  walked.pop_back();
  place.directory_path = joined(walked);
  // Again for reading: a directory can be fsynced only then.
  place.directory = FileDescriptor(::openat(above.back().get(), ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!place.directory.is_open()) throw system_failure("cannot open " + place.directory_path, errno);
  return place;
}

}  // namespace certctl::sys
