// Runs a program with all its processes and threads under ptrace, counts their system calls in one row (strace counts
// per name and process), and at one of them does harm: the call is not executed and fails with an error, or its process
// dies.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace certctl::fault {

enum class Harm : int { none, fail, kill };

struct CallFault {
  Harm harm = Harm::none;
  long at = -1;                    // the call, from 0, of those that count
  int error = 0;                   // errno, for Harm::fail
  bool for_ever = false;           // all later calls of the same name fail, too
  std::vector<std::string> names;  // only these count; empty: all that are known by name
  bool from_main = true;  // nothing counts before the program's own first prctl: the loader's calls are not ours
};

struct Traced {
  bool harmed = false;
  std::string call;                // the name of the harmed call
  std::vector<std::string> calls;  // all that counted, in order
  int exit_status = -1;            // of the first process; 128 + signal when it was killed
};

// `arguments` begins with the program's path. Throws std::runtime_error when ptrace is not to be had.
Traced run_with_fault(const std::vector<std::string>& arguments, const CallFault& fault);

// 0: unknown.
int error_number(std::string_view name);

}  // namespace certctl::fault
