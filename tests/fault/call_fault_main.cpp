// certctl-call-fault [SWITCH…] PROGRAM ARGUMENT…: runs a program and harms one of its system calls (call_faults.hpp).
//   --at N             the call, from 0; without it nothing is harmed
//   --error NAME       it fails with this error (ENOSPC …)
//   --kill             its process dies on entry of it
//   --for-ever         all later calls of the same name fail, too
//   --only NAME        only this call counts; may be repeated
//   --list FILE        writes the names of all calls that counted, one a line
// The last line of standard output: "killed|failed CALL, exit STATUS" or "unharmed, exit STATUS". Exit 0.
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <stdexcept>

#include "tests/fault/call_faults.hpp"

namespace {

int usage() {
  std::cerr << "usage: certctl-call-fault [--at N] [--error NAME | --kill] [--for-ever] [--only NAME]... [--list FILE] "
               "PROGRAM ARGUMENT...\n";
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  using certctl::fault::Harm;
  certctl::fault::CallFault fault;
  std::string list;
  int i = 1;
  for (; i < argc && std::string(argv[i]).rfind("--", 0) == 0; ++i) {
    const std::string word = argv[i];
    if (word == "--kill") {
      fault.harm = Harm::kill;
    } else if (word == "--for-ever") {
      fault.for_ever = true;
    } else if (i + 1 == argc) {
      return usage();
    } else if (word == "--at") {
      fault.at = std::strtol(argv[++i], nullptr, 10);
    } else if (word == "--error") {
      fault.harm = Harm::fail;
      fault.error = certctl::fault::error_number(argv[++i]);
      if (fault.error == 0) return usage();
    } else if (word == "--only") {
      fault.names.emplace_back(argv[++i]);
    } else if (word == "--list") {
      list = argv[++i];
    } else {
      return usage();
    }
  }
  if (i == argc) return usage();
  try {
    const auto traced = certctl::fault::run_with_fault({argv + i, argv + argc}, fault);
    if (!list.empty()) {
      std::ofstream stream(list);
      for (const std::string& name : traced.calls) stream << name << "\n";
    }
    if (traced.harmed)
      std::cout << (fault.harm == Harm::kill ? "killed " : "failed ") << traced.call;
    else
      std::cout << "unharmed";
    std::cout << ", exit " << traced.exit_status << "\n";
  } catch (const std::runtime_error& problem) {
    std::cerr << "certctl-call-fault: " << problem.what() << "\n";
    return 1;
  }
  return 0;
}
