// Stops a piece of work at each of its system calls with SIGKILL, as strace's injection does, but counting the calls
// of the process in one row: the work runs in a forked child under ptrace, and dies on entry of the n-th call, which is
// then not executed.
//
// One thread, Linux only. The child is a copy of the test: work that writes into the test's memory is lost with it.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

namespace certctl::fault {

// Calls that only look (read, fstat, openat without O_CREAT, mmap …) leave the disk as it is: being killed on entry of
// one is the same as on entry of the next call that changes something. So only those are counted, unless the
// environment has CERTCTL_FAULT_ALL_CALLS=1, which shows that it is true.
bool counts_all_calls();

struct Stopped {
  bool killed = false;    // false: the work ended before its n-th call
  int exit_status = -1;   // meaningful when it was not killed: 0 when `work` returned, 1 when it threw
  std::size_t calls = 0;  // that counted, until then
  std::string call;       // name of the system call on whose entry it was killed
};

// Runs `work` in a child and kills it on entry of its `point`-th system call that counts, from 0.
Stopped kill_at(std::size_t point, const std::function<void()>& work);

struct Campaign {
  std::size_t points = 0;  // kill points tried
  std::size_t bad = 0;     // points after which `check` found something
  std::string first_bad;   // "point 12 (renameat): latest.crt does not resolve"
};

// For each point of `work`, from the first to the last: prepare(), kill, check(). `check` returns "" or what is wrong.
// The last round runs `work` to its end and checks that too; it throws std::runtime_error when the work fails by
// itself.
Campaign kill_everywhere(const std::function<void()>& prepare, const std::function<void()>& work,
                         const std::function<std::string()>& check);

}  // namespace certctl::fault
