// Takes locks in a process of its own. lock_user profile FILE | resource DIRECTORY NAME: says "locked" or "code:
// message", waits for a line or the end of its input, and ends.
#include <certctl/result.hpp>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "framework/sys/lock.hpp"

using namespace certctl;
using namespace certctl::sys;

int main(int count, char** arguments) {
  try {
    std::optional<FileLock> lock;
    std::vector<FileLock> locks;
    const char* patience = std::getenv("LOCK_USER_PATIENCE_MS");
    const std::chrono::milliseconds timeout{patience != nullptr ? std::atoi(patience) : 200};
    if (count == 3 && std::strcmp(arguments[1], "profile") == 0) {
      lock = FileLock::acquire(arguments[2], timeout, "profile 'x'");
      std::puts("locked");
    } else if (count == 4 && std::strcmp(arguments[1], "resource") == 0) {
      locks = lock_resources(arguments[2], {arguments[3]}, timeout);
      std::puts(locks.at(0).held_by_ancestor() ? "held by ancestor" : "locked");
    } else {
      return 2;
    }
    std::fflush(stdout);
    (void)std::getchar();
    return 0;
  } catch (const Failure& failure) {
    std::printf("%s: %s\n", failure.error().code.c_str(), failure.error().message.c_str());
    return 1;
  }
}
