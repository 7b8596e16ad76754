#include "framework/sys/out_of_memory.hpp"

#include <unistd.h>

#include <new>
#include <string_view>

namespace certctl::sys {

void end_out_of_memory() noexcept {
  constexpr std::string_view kLine =
      "certctl: out of memory: this run ends here; the next one finishes or undoes what was begun (free memory, or "
      "limit `jobs`)\n";
  (void)!::write(STDERR_FILENO, kLine.data(), kLine.size());
  ::_exit(1);
}

void end_when_out_of_memory() noexcept {
  (void)std::set_new_handler(&end_out_of_memory);
}

}  // namespace certctl::sys
