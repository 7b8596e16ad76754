#include "tests/fault/call_faults.hpp"

#include <elf.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <stdexcept>
#include <utility>

namespace certctl::fault {
namespace {

constexpr std::array<std::pair<long, std::string_view>, 43> kNames = {{
    {SYS_openat, "openat"},         {SYS_read, "read"},
    {SYS_pread64, "pread64"},       {SYS_write, "write"},
    {SYS_pwrite64, "pwrite64"},     {SYS_writev, "writev"},
    {SYS_fsync, "fsync"},           {SYS_fdatasync, "fdatasync"},
    {SYS_close, "close"},           {SYS_renameat, "renameat"},
    {SYS_renameat2, "renameat2"},   {SYS_linkat, "linkat"},
    {SYS_symlinkat, "symlinkat"},   {SYS_readlinkat, "readlinkat"},
    {SYS_unlinkat, "unlinkat"},     {SYS_mkdirat, "mkdirat"},
    {SYS_fchmod, "fchmod"},         {SYS_fchmodat, "fchmodat"},
    {SYS_fchown, "fchown"},         {SYS_ftruncate, "ftruncate"},
    {SYS_fallocate, "fallocate"},   {SYS_fstat, "fstat"},
    {SYS_newfstatat, "newfstatat"}, {SYS_getdents64, "getdents64"},
    {SYS_flock, "flock"},           {SYS_fcntl, "fcntl"},
    {SYS_fsetxattr, "fsetxattr"},   {SYS_flistxattr, "flistxattr"},
    {SYS_getrandom, "getrandom"},   {SYS_mmap, "mmap"},
    {SYS_socket, "socket"},         {SYS_socketpair, "socketpair"},
    {SYS_connect, "connect"},       {SYS_sendto, "sendto"},
    {SYS_recvfrom, "recvfrom"},     {SYS_pipe2, "pipe2"},
    {SYS_clone, "clone"},           {SYS_execve, "execve"},
#ifdef SYS_unlink
    {SYS_unlink, "unlink"},         {SYS_rename, "rename"},
    {SYS_mkdir, "mkdir"},           {SYS_poll, "poll"},
    {SYS_rmdir, "rmdir"},
#endif
}};

constexpr std::array<std::pair<std::string_view, int>, 12> kErrors = {{{"ENOSPC", ENOSPC},
                                                                       {"EIO", EIO},
                                                                       {"EROFS", EROFS},
                                                                       {"EDQUOT", EDQUOT},
                                                                       {"EACCES", EACCES},
                                                                       {"EMFILE", EMFILE},
                                                                       {"ENFILE", ENFILE},
                                                                       {"ENOMEM", ENOMEM},
                                                                       {"EINTR", EINTR},
                                                                       {"EAGAIN", EAGAIN},
                                                                       {"ECONNRESET", ECONNRESET},
                                                                       {"EPERM", EPERM}}};

std::string_view name_of(long number) {
  for (const auto& [known, name] : kNames)
    if (known == number && !name.empty()) return name;
  return {};
}

// The kernel skips a call whose number is -1; its result is set when it returns.
void skip_call(pid_t thread) {
#if defined(__x86_64__)
  user_regs_struct registers{};
  ptrace(PTRACE_GETREGS, thread, nullptr, &registers);
  registers.orig_rax = static_cast<unsigned long long>(-1);
  ptrace(PTRACE_SETREGS, thread, nullptr, &registers);
#elif defined(__aarch64__)
  int number = -1;
  iovec part{&number, sizeof number};
  ptrace(PTRACE_SETREGSET, thread, NT_ARM_SYSTEM_CALL, &part);
#else
  (void)thread;
  throw std::runtime_error("errors can't be injected on this processor");
#endif
}

void set_result(pid_t thread, int error) {
#if defined(__x86_64__)
  user_regs_struct registers{};
  ptrace(PTRACE_GETREGS, thread, nullptr, &registers);
  registers.rax = static_cast<unsigned long long>(-error);
  ptrace(PTRACE_SETREGS, thread, nullptr, &registers);
#elif defined(__aarch64__)
  user_regs_struct registers{};
  iovec part{&registers, sizeof registers};
  ptrace(PTRACE_GETREGSET, thread, NT_PRSTATUS, &part);
  registers.regs[0] = static_cast<unsigned long long>(-error);
  ptrace(PTRACE_SETREGSET, thread, NT_PRSTATUS, &part);
#else
  (void)thread;
  (void)error;
#endif
}

class Tracer {
 public:
  Tracer(pid_t first, const CallFault& fault) : first_(first), fault_(fault), counting_(!fault.from_main) {}

  Traced run() {
    while (true) {
      int status = 0;
      const pid_t thread = waitpid(-1, &status, __WALL);
      if (thread < 0) {
        if (errno == EINTR) continue;
        return std::move(result_);
      }
      if (WIFEXITED(status) || WIFSIGNALED(status)) {
        if (thread != first_) continue;
        result_.exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        return std::move(result_);  // what it has started is let go, and lives on
      }
      ptrace(PTRACE_SYSCALL, thread, nullptr, stopped(thread, WSTOPSIG(status), status >> 16));
    }
  }

 private:
  // Returns the signal to hand on.
  int stopped(pid_t thread, int signal, int event) {
    if (signal == (SIGTRAP | 0x80)) {
      at_call(thread);
      return 0;
    }
    if (event != 0) return 0;
    // A new thread begins with a SIGSTOP that nobody sent.
    if (signal == SIGSTOP && known_.insert({thread, true}).second && thread != first_) return 0;
    return signal == SIGTRAP ? 0 : signal;
  }

  void at_call(pid_t thread) {
    known_.insert({thread, true});
    __ptrace_syscall_info info{};
    ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof info, &info);
    if (info.op == PTRACE_SYSCALL_INFO_EXIT) {
      if (failing_.erase(thread) != 0) set_result(thread, fault_.error);
      return;
    }
    if (info.op != PTRACE_SYSCALL_INFO_ENTRY) return;
    const auto number = static_cast<long>(info.entry.nr);
    if (number == SYS_prctl) counting_ = true;
    const std::string_view name = name_of(number);
    if (!counting_ || name.empty()) return;
    if (!fault_.names.empty() && std::find(fault_.names.begin(), fault_.names.end(), name) == fault_.names.end())
      return;
    const bool here = static_cast<long>(result_.calls.size()) == fault_.at;
    result_.calls.emplace_back(name);
    if (here && fault_.harm != Harm::none) {
      result_.harmed = true;
      result_.call = name;
    } else if (!result_.harmed || !fault_.for_ever || name != result_.call) {
      return;
    }
    if (fault_.harm == Harm::kill) {
      kill(thread, SIGKILL);
    } else {
      skip_call(thread);
      failing_[thread] = true;
    }
  }

  pid_t first_;
  const CallFault& fault_;
  bool counting_;
  std::map<pid_t, bool> known_;
  std::map<pid_t, bool> failing_;
  Traced result_;
};

}  // namespace

Traced run_with_fault(const std::vector<std::string>& arguments, const CallFault& fault) {
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error(std::string("fork: ") + std::strerror(errno));
  if (child == 0) {
    ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    raise(SIGSTOP);
    std::vector<char*> words;
    for (const std::string& one : arguments) words.push_back(const_cast<char*>(one.c_str()));
    words.push_back(nullptr);
    execv(words.front(), words.data());
    _exit(127);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  const auto options =
      PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC;
  if (ptrace(PTRACE_SETOPTIONS, child, nullptr, options) != 0) {
    kill(child, SIGKILL);
    throw std::runtime_error(std::string("ptrace: ") + std::strerror(errno));
  }
  ptrace(PTRACE_SYSCALL, child, nullptr, 0);
  return Tracer(child, fault).run();
}

int error_number(std::string_view name) {
  for (const auto& [known, number] : kErrors)
    if (known == name) return number;
  return 0;
}

}  // namespace certctl::fault
