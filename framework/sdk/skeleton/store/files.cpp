#include "files.hpp"

#include <certctl/result.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace {

[[noreturn]] void failed(const std::string& what, const std::string& path) {
  const bool full = errno == ENOSPC || errno == EDQUOT;
  throw certctl::Failure(full ? "store-full" : "store-unwritable", what + " " + path + ": " + std::strerror(errno),
                         "is there room, and may root write there?");
}

}  // namespace

std::optional<std::string> read_file(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0 && errno == ENOENT) return std::nullopt;
  std::ifstream in(path, std::ios::binary);
  if (!in || !S_ISREG(status.st_mode)) throw certctl::Failure("cannot-read", "cannot read " + path, "is it a file?");
  return std::string(std::istreambuf_iterator<char>(in), {});
}

void write_new(const std::string& path, const std::string& text) {
  ::unlink(path.c_str());
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) failed("cannot make", path);
  const bool whole =
      ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(descriptor) == 0;
  if (::close(descriptor) != 0 || !whole) failed("cannot write", path);
}

void replace_file(const std::string& directory, const std::string& name, const std::string& text) {
  write_new(directory + "/" + name + ".new", text);
  rename_in(directory, name + ".new", name);
}

void replace_link(const std::string& directory, const std::string& name, const std::string& target) {
  const std::string fresh = directory + "/" + name + ".new";
  ::unlink(fresh.c_str());
  if (::symlink(target.c_str(), fresh.c_str()) != 0) failed("cannot make", fresh);
  rename_in(directory, name + ".new", name);
}

void make_directory(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) failed("cannot make", path);
}

void rename_in(const std::string& directory, const std::string& from, const std::string& to) {
  if (std::rename((directory + "/" + from).c_str(), (directory + "/" + to).c_str()) != 0)
    failed("cannot rename", directory + "/" + from);
  sync_directory(directory);
}

void sync_directory(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) failed("cannot open", path);
  const bool synced = ::fsync(descriptor) == 0;
  ::close(descriptor);
  if (!synced) failed("cannot sync", path);
}

void remove_directory(const std::string& path) {
  std::error_code error;
  std::filesystem::remove_all(path, error);
  if (error) throw certctl::Failure("store-unwritable", "cannot remove " + path + ": " + error.message());
}
