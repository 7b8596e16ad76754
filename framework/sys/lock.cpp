#include "framework/sys/lock.hpp"

#include <certctl/result.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cinttypes>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string_view>
#include <thread>

#include "framework/sys/ancestry.hpp"
#include "framework/sys/atomic_file.hpp"
#include "framework/sys/printable.hpp"
#include "framework/sys/system_error.hpp"

namespace certctl::sys {
namespace {

using Steady = std::chrono::steady_clock;

constexpr const char* kHeldVariable = "CERTCTL_HELD_LOCKS";
constexpr std::size_t kLongestHolder = 300;
constexpr std::chrono::seconds kTimeToSign{2};  // between taking a lock and writing one's name into the file

std::string token_of(const struct stat& status) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%jx-%jx", static_cast<std::uintmax_t>(status.st_dev),
                static_cast<std::uintmax_t>(status.st_ino));
  return text.data();
}

// Tokens that the caller of this script passed on, in the form ",a,b,".
std::string told_tokens() {
  const char* told = std::getenv(kHeldVariable);
  return "," + std::string(told != nullptr ? told : "") + ",";
}

FileDescriptor open_lock_file(const std::string& path, const std::string& what) {
  constexpr int kFlags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
  for (;;) {
    // Not O_CREAT at once: in a sticky directory the kernel refuses that for a file of somebody else.
    int number = ::open(path.c_str(), O_RDWR | kFlags);
    if (number < 0 && errno == EACCES) number = ::open(path.c_str(), O_RDONLY | kFlags);  // enough for a lock
    if (number < 0 && errno == ENOENT) number = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | kFlags, 0600);
    if (number < 0 && (errno == EEXIST || errno == EINTR)) continue;
    if (number < 0) throw system_failure(what, errno);
    FileDescriptor file(number);
    struct stat status {};
    if (::fstat(number, &status) != 0) throw system_failure(what, errno);
    if (!S_ISREG(status.st_mode)) throw Failure::never("not-a-file", what + ": it is not a regular file");
    return file;
  }
}

// Whether the locked file is still the one with this name: a removed one locks nobody out.
bool still_named(int file, const std::string& path) {
  struct stat mine {};
  struct stat named {};
  return ::fstat(file, &mine) == 0 && ::fstatat(AT_FDCWD, path.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 &&
         mine.st_dev == named.st_dev && mine.st_ino == named.st_ino;
}

// For information, so a full disk doesn't matter.
void write_holder(int file, const std::string& what) {
  const std::string text = "pid " + std::to_string(::getpid()) + " (" + printable_start(what, 200) + ")\n";
  if (::ftruncate(file, 0) == 0) (void)!::pwrite(file, text.data(), text.size(), 0);
}

struct Holder {
  pid_t pid = 0;     // 0: unknown
  std::string text;  // for people
};

Holder read_holder(int file) {
  std::array<char, kLongestHolder> buffer{};
  const ssize_t got = ::pread(file, buffer.data(), buffer.size(), 0);
  Holder holder;
  if (got <= 0 || buffer[static_cast<std::size_t>(got) - 1] != '\n') return holder;  // not whole yet
  const std::string text(buffer.data(), static_cast<std::size_t>(got) - 1);
  int pid = 0;
  if (std::sscanf(text.c_str(), "pid %d (", &pid) != 1 || pid <= 0) return holder;
  holder.pid = pid;
  holder.text = printable(text);
  return holder;
}

// The holder waits for this process: it is an ancestor that told us so, and the file is of somebody we believe.
bool holder_waits_for_us(int file, const Holder& holder) {
  struct stat status {};
  if (holder.pid == 0 || ::fstat(file, &status) != 0) return false;
  if (status.st_uid != 0 && status.st_uid != ::geteuid()) return false;
  return told_tokens().find("," + token_of(status) + ",") != std::string::npos && is_ancestor(holder.pid);
}

Failure busy(const std::string& what, const Holder& holder, const char* how) {
  return {"busy", what + " is in use " + how + (holder.text.empty() ? "by another process" : "by " + holder.text),
          "wait for it, or give more time with --lock-timeout"};
}

bool lock_now(int file, const std::string& what) {
  for (;;) {
    if (::flock(file, LOCK_EX | LOCK_NB) == 0) return true;
    if (errno == EWOULDBLOCK) return false;
    if (errno != EINTR) throw system_failure("cannot lock " + what, errno);
  }
}

enum class HeldAbove : int { refuse, counts };

struct Taken {
  FileDescriptor file;  // closed: an ancestor holds it
  std::string token;
};

Taken take(const std::string& path, Steady::time_point deadline, const std::string& what, HeldAbove rule) {
  auto pause = std::chrono::milliseconds{1};
  for (;;) {
    FileDescriptor file = open_lock_file(path, "cannot open the lock file " + path);
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) throw system_failure("cannot look at " + path, errno);
    if (lock_now(file.get(), what)) {
      if (!still_named(file.get(), path)) continue;
      write_holder(file.get(), what);
      return {std::move(file), token_of(status)};
    }
    const Holder holder = read_holder(file.get());
    if (holder_waits_for_us(file.get(), holder)) {
      if (rule == HeldAbove::counts) return {FileDescriptor(), token_of(status)};
      throw Failure::never("busy", what + " is in use by " + holder.text + ", which waits for this very command",
                           "don't call this from a script of the same profile");
    }
    // A thread of our own ends by its own deadlines. One that has just taken the lock may not have said so yet.
    const auto now = Steady::now();
    const auto until = holder.pid == 0 ? deadline + kTimeToSign : deadline;
    if (holder.pid != ::getpid() && now >= until) throw busy(what, holder, "");
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, std::chrono::milliseconds{25});
  }
}

std::string canonical_resource(const std::string& resource) {
  constexpr std::string_view kFile = "file:";
  if (!resource.starts_with(kFile)) return resource;
  const std::string path = resource.substr(kFile.size());
  std::array<char, PATH_MAX> real{};
  if (::realpath(path.c_str(), real.data()) != nullptr) return std::string(kFile) + real.data();
  // A file that is not there yet: its directory decides.
  const std::size_t slash = path.rfind('/');
  const std::string parent = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  if (::realpath(parent.c_str(), real.data()) == nullptr) return resource;
  const std::string above = real.data();
  return std::string(kFile) + (above == "/" ? "" : above) + "/" +
         path.substr(slash == std::string::npos ? 0 : slash + 1);
}

void check_locks_directory(const std::string& directory) {
  struct stat status {};
  if (::lstat(directory.c_str(), &status) != 0) {
    if (errno != ENOENT) throw system_failure("cannot look at the directory of locks " + directory, errno);
    make_private_directory(directory);
    return;
  }
  const bool ours = status.st_uid == 0 || status.st_uid == ::geteuid();
  const bool closed = (status.st_mode & 022U) == 0 || (status.st_mode & S_ISVTX) != 0;
  if (!S_ISDIR(status.st_mode) || !ours || !closed) {
    throw Failure::never("unsafe-directory",
                         "the directory of locks " + directory + " is a link, another user's, or open to everybody",
                         "remove it, or name another one with `locks:`");
  }
}

}  // namespace

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  if (this != &other) {
    release();
    file_ = std::move(other.file_);
    token_ = std::move(other.token_);
  }
  return *this;
}

void FileLock::release() noexcept {
  if (!file_.is_open()) return;
  (void)!::ftruncate(file_.get(), 0);  // before the lock is free: nobody reads an old holder
  file_.close();
}

FileLock FileLock::acquire(const std::string& path, std::chrono::milliseconds timeout, const std::string& what) {
  Taken taken = take(path, Steady::now() + timeout, what, HeldAbove::refuse);
  return {std::move(taken.file), std::move(taken.token)};
}

std::optional<FileLock> FileLock::try_acquire(const std::string& path, const std::string& what) {
  for (;;) {
    FileDescriptor file = open_lock_file(path, "cannot open the lock file " + path);
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) throw system_failure("cannot look at " + path, errno);
    if (!lock_now(file.get(), what)) return std::nullopt;
    if (!still_named(file.get(), path)) continue;
    write_holder(file.get(), what);
    return FileLock(std::move(file), token_of(status));
  }
}

std::string lock_holder(const std::string& path) {
  const int number = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  if (number < 0) return {};
  const FileDescriptor file(number);
  // Shared: two that ask at once don't see each other as a holder.
  if (::flock(number, LOCK_SH | LOCK_NB) == 0) return {};
  const Holder holder = read_holder(number);
  return holder.text.empty() ? "another process" : holder.text;
}

std::string held_locks_variable(const std::vector<std::string>& tokens) {
  std::string list;
  const char* told = std::getenv(kHeldVariable);
  if (told != nullptr) list = told;
  for (const auto& token : tokens) list += (list.empty() ? "" : ",") + token;
  return std::string(kHeldVariable) + "=" + list;
}

std::string resource_lock_name(const std::string& resource) {
  const std::string name = canonical_resource(resource);
  // FNV-1a. Two resources with one hash exclude one another without need, which is no harm.
  std::uint64_t hash = 14695981039346656037U;
  for (const char byte : name) hash = (hash ^ static_cast<unsigned char>(byte)) * 1099511628211U;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%016" PRIx64 ".lock", hash);
  return text.data();
}

std::vector<FileLock> lock_resources(const std::string& directory, const std::vector<std::string>& names,
                                     std::chrono::milliseconds timeout) {
  std::vector<FileLock> locks;
  if (names.empty()) return locks;
  check_locks_directory(directory);
  std::map<std::string, std::string> sorted;  // lock file -> resource
  for (const auto& name : names) sorted.emplace(resource_lock_name(name), name);
  const auto deadline = Steady::now() + timeout;
  for (const auto& [file, name] : sorted) {
    Taken taken = take(directory + "/" + file, deadline, name, HeldAbove::counts);
    locks.push_back(FileLock(std::move(taken.file), std::move(taken.token)));
  }
  return locks;
}

}  // namespace certctl::sys
