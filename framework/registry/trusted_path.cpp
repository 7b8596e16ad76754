#include "framework/registry/trusted_path.hpp"

#include <certctl/result.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstring>
#include <deque>
#include <vector>

namespace certctl::registry {
namespace {

constexpr int kMostLinks = 40;  // as the kernel has it

std::deque<std::string> components(const std::string& path) {
  std::deque<std::string> parts;
  std::size_t at = 0;
  while (at < path.size()) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    if (end > at) parts.push_back(path.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

struct stat look(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) {
    const int problem = errno;
    if (problem == ENOENT || problem == ENOTDIR) throw Failure::never("plugin-missing", path + " does not exist");
    throw Failure::never("plugin-unloadable", path + " cannot be looked at: " + std::strerror(problem));
  }
  return status;
}

void check_owner(const std::string& path, const struct stat& status) {
  if (status.st_uid == 0 || status.st_uid == ::geteuid()) return;
  throw Failure::never("plugin-unsafe",
                       path + " belongs to user " + std::to_string(status.st_uid) + ", who could change what is loaded",
                       "give it to root (chown root), or use a directory that is root's");
}

void check_mode(const std::string& path, const struct stat& status, bool sticky_is_fine) {
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) == 0) return;
  if (sticky_is_fine && S_ISDIR(status.st_mode) && (status.st_mode & S_ISVTX) != 0) return;
  char mode[8];
  std::snprintf(mode, sizeof(mode), "%04o", static_cast<unsigned>(status.st_mode & 07777U));
  throw Failure::never("plugin-unsafe", path + " is writable by others than its owner (mode " + mode + ")",
                       "take that away: chmod go-w " + path);
}

std::string read_link(const std::string& path) {
  std::vector<char> target(PATH_MAX);
  const ssize_t size = ::readlink(path.c_str(), target.data(), target.size());
  if (size <= 0 || static_cast<std::size_t>(size) >= target.size()) {
    throw Failure::never("plugin-unloadable", path + " is a symbolic link that cannot be read");
  }
  return {target.data(), static_cast<std::size_t>(size)};
}

std::string joined(const std::vector<std::string>& parts) {
  std::string path;
  for (const auto& part : parts) path += "/" + part;
  return path.empty() ? "/" : path;
}

}  // namespace

std::string trusted_path(const std::string& path, Leaf leaf) {
  if (path.empty() || path.front() != '/' || path.find('\0') != std::string::npos) {
    throw Failure::never("plugin-unloadable", "'" + path + "' is not an absolute path");
  }
  std::deque<std::string> ahead = components(path);
  std::vector<std::string> walked;
  int links = 0;
  struct stat status = look("/");
  check_owner("/", status);
  check_mode("/", status, true);
  while (!ahead.empty()) {
    const std::string part = std::move(ahead.front());
    ahead.pop_front();
    if (part == ".") continue;
    if (part == "..") {
      if (!walked.empty()) walked.pop_back();  // what is above was checked on the way down
      continue;
    }
    walked.push_back(part);
    const std::string here = joined(walked);
    status = look(here);
    check_owner(here, status);
    if (S_ISLNK(status.st_mode)) {
      if (++links > kMostLinks) throw Failure::never("plugin-unloadable", path + " has too many symbolic links");
      const std::string target = read_link(here);
      walked.pop_back();
      if (target.front() == '/') walked.clear();
      const std::deque<std::string> more = components(target);
      ahead.insert(ahead.begin(), more.begin(), more.end());
      continue;
    }
    check_mode(here, status, true);
    if (!ahead.empty() && !S_ISDIR(status.st_mode))
      throw Failure::never("plugin-missing", here + " is not a directory");
  }
  const std::string end = joined(walked);
  status = look(end);
  check_mode(end, status, false);
  if (leaf == Leaf::file ? !S_ISREG(status.st_mode) : !S_ISDIR(status.st_mode)) {
    throw Failure::never("plugin-unloadable", end + (leaf == Leaf::file ? " is not a file" : " is not a directory"));
  }
  return end;
}

}  // namespace certctl::registry
