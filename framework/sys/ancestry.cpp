#include "framework/sys/ancestry.hpp"

#include <unistd.h>

#include <cstdio>
#include <string>

#include "framework/sys/atomic_file.hpp"

namespace certctl::sys {
namespace {

constexpr int kMostGenerations = 1000;

pid_t parent_of(pid_t process) {
  const auto text = read_file_if_exists("/proc/" + std::to_string(process) + "/stat", 4096);
  if (!text) return 0;
  // "pid (name) state ppid …": the name may hold blanks and brackets
  const std::size_t end = text->rfind(')');
  int parent = 0;
  if (end == std::string::npos || std::sscanf(text->c_str() + end + 1, " %*c %d", &parent) != 1) return 0;
  return parent;
}

}  // namespace

bool is_ancestor(pid_t process) {
  pid_t above = ::getppid();
  for (int i = 0; i < kMostGenerations && above > 1; ++i) {
    if (above == process) return true;
    try {
      above = parent_of(above);
    } catch (...) {
      return false;
    }
  }
  return above == process;
}

}  // namespace certctl::sys
