// Kernel locks: held by an open file, so they end with the process that holds them, however it ends.
//
// Lock files are never deleted and never stolen. The text inside says who holds the lock; it decides nothing by
// itself. Two FileLocks of one process exclude one another like those of two processes.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "framework/sys/file_descriptor.hpp"

namespace certctl::sys {

class FileLock {
 public:
  FileLock(FileLock&&) noexcept = default;
  FileLock& operator=(FileLock&& other) noexcept;
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock() { release(); }

  // Waits for the lock on `path` (made with 0600 if missing; its directory must exist). `what` names it for people:
  // "profile 'ipsec'". Failure busy after `timeout`, saying who holds it; at once when the holder is an ancestor of
  // this process, which waits for us (a script of a delivery that calls certctl). Waiting for another thread of this
  // process has no time limit.
  [[nodiscard]] static FileLock acquire(const std::string& path, std::chrono::milliseconds timeout,
                                        const std::string& what);
  // Nothing when somebody else holds it.
  [[nodiscard]] static std::optional<FileLock> try_acquire(const std::string& path, const std::string& what);

  // Names this lock file in the environment of scripts.
  [[nodiscard]] const std::string& token() const noexcept { return token_; }
  // True for a resource lock that an ancestor holds for us.
  [[nodiscard]] bool held_by_ancestor() const noexcept { return !file_.is_open(); }
  void release() noexcept;

 private:
  friend std::vector<FileLock> lock_resources(const std::string& directory, const std::vector<std::string>& names,
                                              std::chrono::milliseconds timeout);
  FileLock(FileDescriptor file, std::string token) noexcept : file_(std::move(file)), token_(std::move(token)) {}

  FileDescriptor file_;
  std::string token_;
};

// What a script is told about the locks that its caller holds while it waits for the script: "CERTCTL_HELD_LOCKS=…", of
// the tokens given and those that this process was told. A certctl inside the script believes it only of locks whose
// holder, by the lock file, is its ancestor.
[[nodiscard]] std::string held_locks_variable(const std::vector<std::string>& tokens);

// Who holds the lock on `path`, as far as the file tells: "pid 4711 (profile 'ipsec')"; empty when nobody does.
[[nodiscard]] std::string lock_holder(const std::string& path);

// The name of a resource's lock file: a hash of the name, for "file:<path>" of the canonical path.
[[nodiscard]] std::string resource_lock_name(const std::string& resource);

// Locks all resources ("file:/etc/settings.ipsec", "service:ipsec"), in an order that is the same for everybody, each
// once. Makes `directory` (0700) if missing; one that exists must be ours or root's, and sticky if others can write to
// it. A resource that the caller of this script holds counts as held (see held_locks_variable). `timeout` is for all
// together. Failures: busy, unsafe-directory.
[[nodiscard]] std::vector<FileLock> lock_resources(const std::string& directory, const std::vector<std::string>& names,
                                                   std::chrono::milliseconds timeout);

}  // namespace certctl::sys
