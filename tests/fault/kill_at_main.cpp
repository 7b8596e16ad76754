// certctl-kill-at POINT PROGRAM ARGUMENT…: runs a program and stops it with SIGKILL on entry of its POINT-th system
// call that changes something (kill_points.hpp). Prints the call's name, or "ended STATUS after N calls" when the
// program ended before.
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <vector>

#include "tests/fault/kill_points.hpp"

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: certctl-kill-at POINT PROGRAM ARGUMENT...\n";
    return 2;
  }
  const auto point = static_cast<std::size_t>(std::strtoul(argv[1], nullptr, 10));
  std::vector<char*> arguments(argv + 2, argv + argc);
  arguments.push_back(nullptr);
  const auto stopped = certctl::fault::kill_at(point, [&] {
    execv(arguments[0], arguments.data());
    _exit(127);
  });
  if (stopped.killed) {
    std::cout << stopped.call << "\n";
  } else {
    std::cout << "ended " << stopped.exit_status << " after " << stopped.calls << " calls\n";
  }
  return 0;
}
