#include "tests/fault/kill_points.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace certctl::fault {
namespace {

constexpr std::array<std::pair<long, std::string_view>, 27> kChanging = {{
    {SYS_write, "write"},         {SYS_pwrite64, "pwrite64"},   {SYS_writev, "writev"},
    {SYS_renameat2, "renameat2"}, {SYS_renameat, "renameat"},   {SYS_linkat, "linkat"},
    {SYS_symlinkat, "symlinkat"}, {SYS_unlinkat, "unlinkat"},   {SYS_mkdirat, "mkdirat"},
    {SYS_fsync, "fsync"},         {SYS_fdatasync, "fdatasync"}, {SYS_fchmod, "fchmod"},
    {SYS_fchmodat, "fchmodat"},   {SYS_fchown, "fchown"},       {SYS_fchownat, "fchownat"},
    {SYS_ftruncate, "ftruncate"}, {SYS_utimensat, "utimensat"}, {SYS_fallocate, "fallocate"},
    {SYS_sendto, "sendto"},       {SYS_execve, "execve"},       {SYS_copy_file_range, "copy_file_range"},
#ifdef SYS_rename
    {SYS_rename, "rename"},       {SYS_symlink, "symlink"},     {SYS_unlink, "unlink"},
    {SYS_mkdir, "mkdir"},         {SYS_rmdir, "rmdir"},         {SYS_chmod, "chmod"},
#endif
}};

std::string call_name(long number) {
  if (number == SYS_openat) return "openat";
  for (const auto& [known, name] : kChanging)
    if (known == number && !name.empty()) return std::string(name);
  return "system call " + std::to_string(number);
}

bool counts(const __ptrace_syscall_info& info) {
  const auto number = static_cast<long>(info.entry.nr);
  if (number == SYS_exit_group) return false;  // the work is over
  if (counts_all_calls()) return true;
  if (number == SYS_openat) return (info.entry.args[2] & O_CREAT) != 0;
  for (const auto& [known, name] : kChanging)
    if (known == number && !name.empty()) return true;
  return false;
}

int wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) throw std::runtime_error(std::string("waitpid: ") + std::strerror(errno));
  return status;
}

[[noreturn]] void run_child(const std::function<void()>& work) {
  ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
  raise(SIGSTOP);
  int exit_status = 0;
  try {
    work();
  } catch (const std::exception& failure) {
    const std::string line = std::string("work under test failed: ") + failure.what() + "\n";
    [[maybe_unused]] const ssize_t ignored = write(STDERR_FILENO, line.data(), line.size());
    exit_status = 1;
  }
  _exit(exit_status);
}

}  // namespace

bool counts_all_calls() {
  const char* value = std::getenv("CERTCTL_FAULT_ALL_CALLS");
  return value != nullptr && std::string_view(value) == "1";
}

Stopped kill_at(std::size_t point, const std::function<void()>& work) {
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error(std::string("fork: ") + std::strerror(errno));
  if (child == 0) run_child(work);
  wait_for(child);  // the SIGSTOP
  if (ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL) != 0) {
    kill(child, SIGKILL);
    wait_for(child);
    throw std::runtime_error(std::string("ptrace: ") + std::strerror(errno));
  }

  Stopped result;
  std::size_t seen = 0;
  int signal = 0;
  while (true) {
    ptrace(PTRACE_SYSCALL, child, nullptr, signal);
    signal = 0;
    const int status = wait_for(child);
    if (WIFEXITED(status)) {
      result.exit_status = WEXITSTATUS(status);
      result.calls = seen;
      return result;
    }
    if (WIFSIGNALED(status))
      throw std::runtime_error("the work under test died of signal " + std::to_string(WTERMSIG(status)));
    if (WSTOPSIG(status) != (SIGTRAP | 0x80)) {
      signal = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
      continue;
    }
    __ptrace_syscall_info info{};
    ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof info, &info);
    if (info.op != PTRACE_SYSCALL_INFO_ENTRY) continue;
    if (!counts(info) || seen++ != point) continue;
    kill(child, SIGKILL);
    wait_for(child);
    result.killed = true;
    result.call = call_name(static_cast<long>(info.entry.nr));
    return result;
  }
}

Campaign kill_everywhere(const std::function<void()>& prepare, const std::function<void()>& work,
                         const std::function<std::string()>& check) {
  Campaign campaign;
  for (std::size_t point = 0;; ++point) {
    prepare();
    const Stopped stopped = kill_at(point, work);
    if (!stopped.killed && stopped.exit_status != 0) throw std::runtime_error("the work under test fails by itself");
    if (stopped.killed) ++campaign.points;
    const std::string finding = check();
    if (!finding.empty()) {
      ++campaign.bad;
      if (campaign.first_bad.empty())
        campaign.first_bad = (stopped.killed ? "point " + std::to_string(point) + " (" + stopped.call + "): "
                                             : std::string("after the whole work: ")) +
                             finding;
    }
    if (!stopped.killed) return campaign;
  }
}

}  // namespace certctl::fault
