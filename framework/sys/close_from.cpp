#include "framework/sys/close_from.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <climits>

namespace certctl::sys {

void close_from(int first) noexcept {
  if (::close_range(static_cast<unsigned>(first), UINT_MAX, 0) == 0) return;
  // Linux before 5.9
  struct rlimit limit {};
  constexpr rlim_t kMost = 1U << 20U;
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > kMost) limit.rlim_cur = kMost;
  for (int number = first; number < static_cast<int>(limit.rlim_cur); ++number) ::close(number);
}

}  // namespace certctl::sys
