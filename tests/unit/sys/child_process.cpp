#include "tests/unit/sys/child_process.hpp"

#include <grp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>

namespace certctl::sys::test {
namespace {

void must(bool done, const char* what) {
  if (!done) throw Failure("no-mount", std::string(what) + ": " + std::strerror(errno));
}

}  // namespace

std::string in_child(const std::function<std::string()>& body) {
  int ends[2];
  if (::pipe(ends) != 0) throw Failure("test", "no pipe");
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    std::string said;
    try {
      said = body();
    } catch (const Failure& failure) {
      said = "uncaught: " + failure.error().code + ": " + failure.error().message;
    } catch (const std::exception& exception) {
      said = std::string("uncaught: ") + exception.what();
    }
    (void)!::write(ends[1], said.data(), said.size());
    ::_exit(0);
  }
  ::close(ends[1]);
  std::string said;
  std::array<char, 4096> buffer{};
  for (;;) {
    const ssize_t got = ::read(ends[0], buffer.data(), buffer.size());
    if (got <= 0) break;
    said.append(buffer.data(), static_cast<std::size_t>(got));
  }
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) return "ended by signal " + std::to_string(WTERMSIG(status));
  return said;
}

void become_nobody() {
  if (::geteuid() != 0) return;
  must(::setgroups(0, nullptr) == 0 && ::setresgid(65534, 65534, 65534) == 0 && ::setresuid(65534, 65534, 65534) == 0,
       "cannot become nobody");
}

void mount_small_disk(const std::string& directory, int kib) {
  const uid_t user = ::geteuid();
  const gid_t group = ::getegid();
  if (user == 0) {
    must(::unshare(CLONE_NEWNS) == 0, "unshare");
  } else {
    must(::unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0, "unshare");
    std::ofstream("/proc/self/setgroups") << "deny";
    std::ofstream("/proc/self/uid_map") << "0 " << user << " 1";
    std::ofstream("/proc/self/gid_map") << "0 " << group << " 1";
  }
  must(::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0, "mount --make-rprivate");
  must(::mount("tmpfs", directory.c_str(), "tmpfs", 0, ("size=" + std::to_string(kib) + "k").c_str()) == 0,
       "mount tmpfs");
}

mode_t mode_of(const std::filesystem::path& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) throw std::system_error(errno, std::generic_category(), path.string());
  return status.st_mode & 07777U;
}

std::string failure_code(const std::function<void()>& body) {
  try {
    body();
  } catch (const Failure& failure) {
    return failure.error().code;
  }
  return "nothing";
}

std::string failure_text(const std::function<void()>& body) {
  try {
    body();
  } catch (const Failure& failure) {
    return failure.error().message + " | " + failure.error().hint;
  }
  return "nothing";
}

}  // namespace certctl::sys::test
