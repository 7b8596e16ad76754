// A library for LD_PRELOAD in which memory runs out.
//   CERTCTL_ALLOCATIONS=FILE       how many allocations there were is written there at the end
//   CERTCTL_FAIL_ALLOCATION=N      the N-th one fails, from 1
//   CERTCTL_FAIL_LONG=1            and all after it
//   CERTCTL_PLANTED_BUG=no-memory-no-word   the process then ends at once by a signal, as one does that does not look
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>

extern "C" {
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* old, size_t size);
}

namespace {

std::atomic<long> count{0};
std::atomic<int> state{0};  // 0: the environment was not read, 1: read
long fail_at = 0;
bool fail_long = false;
bool dies = false;
const char* report = nullptr;

void read_environment() {
  if (state.exchange(1) != 0) return;
  const char* at = std::getenv("CERTCTL_FAIL_ALLOCATION");
  fail_at = at == nullptr ? 0 : std::atol(at);
  fail_long = std::getenv("CERTCTL_FAIL_LONG") != nullptr;
  report = std::getenv("CERTCTL_ALLOCATIONS");
  const char* bug = std::getenv("CERTCTL_PLANTED_BUG");
  dies = bug != nullptr && std::strcmp(bug, "no-memory-no-word") == 0;
}

bool fails() {
  read_environment();
  const long number = ++count;
  if (fail_at == 0 || number < fail_at || (number > fail_at && !fail_long)) return false;
  if (dies) (void)raise(SIGSEGV);
  return true;
}

struct AtEnd {
  ~AtEnd() {
    if (report == nullptr) return;
    char text[32];
    const int length = std::snprintf(text, sizeof text, "%ld\n", count.load());
    const int file = ::open(report, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) return;
    (void)!::write(file, text, static_cast<size_t>(length));
    ::close(file);
  }
} at_end;

}  // namespace

#define EXPORTED extern "C" __attribute__((visibility("default")))

EXPORTED void* malloc(size_t size) {
  return fails() ? nullptr : __libc_malloc(size);
}
EXPORTED void* calloc(size_t number, size_t size) {
  return fails() ? nullptr : __libc_calloc(number, size);
}
EXPORTED void* realloc(void* old, size_t size) {
  return fails() ? nullptr : __libc_realloc(old, size);
}
