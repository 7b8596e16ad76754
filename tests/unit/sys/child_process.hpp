// Runs a piece of a test in a process of its own: with other rights, another view of the file system, or to be killed.
#pragma once

#include <certctl/result.hpp>

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <string>

namespace certctl::sys::test {

// Runs `body` in a forked process and returns what it returned; "uncaught: …" when it threw, "ended by signal 9" when
// it was killed. The test compares it with what it expects.
[[nodiscard]] std::string in_child(const std::function<std::string()>& body);

// For a child: becomes user and group 65534 when it is root. A non-root user stays what it is.
void become_nobody();

// For a child: a tmpfs of `kib` KiB on `directory`, seen by this process only. Throws Failure "no-mount" with the
// reason where the system allows no mounts.
void mount_small_disk(const std::string& directory, int kib);

// Permissions of what the path names itself. Throws std::system_error when there is nothing.
[[nodiscard]] mode_t mode_of(const std::filesystem::path& path);

// "code" of the Failure that `body` throws; "nothing" when it throws none.
[[nodiscard]] std::string failure_code(const std::function<void()>& body);
// The whole message and hint, for tests of words.
[[nodiscard]] std::string failure_text(const std::function<void()>& body);

}  // namespace certctl::sys::test
